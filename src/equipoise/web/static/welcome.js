// Sends what stands behind the # of the address, which a browser keeps to itself, as the form on the page does.
const field = document.getElementById("token");
if (location.hash.length > 1) {
  field.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
  field.form.requestSubmit();
}
