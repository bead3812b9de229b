// A number that is followed to its account shows there at full precision, with its line in results.csv.
document.addEventListener("click", function (event) {
  var link = event.target.closest("td a[title]");
  if (!link) return;
  var panel = document.querySelector(link.getAttribute("href") + " .followed");
  if (!panel) return;
  panel.textContent = link.textContent + " \u2190 " + link.title;
  panel.hidden = false;
});
