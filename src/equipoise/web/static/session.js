// Says before a session ends that it will; whatever a page asks for meanwhile begins its time anew (WCAG 2.2, 2.2.1).
const place = document.getElementById("session");
let waiting;
function begin() {
  clearTimeout(waiting);
  place.textContent = "";
  waiting = setTimeout(() => { place.textContent = place.dataset.says; }, Number(place.dataset.minutes) * 60000);
}
document.body.addEventListener("htmx:afterRequest", begin);
begin();
