(function () {
  var root = document.documentElement, key = "octavo-theme", set = function (theme) { if (theme) { root.style.colorScheme = theme; root.dataset.theme = theme; } };
  var read = function () { try { return localStorage.getItem(key); } catch (e) { return null; } };
  var all = function (css) { return [].slice.call(document.querySelectorAll(css)); }, regions = [], closed = [];
  var on = addEventListener;
  set(read());
  // What does not scroll is no tab stop.
  var stops = function () { regions.forEach(function (e) { e.tabIndex = e.scrollWidth > e.clientWidth + 1 ? 0 : -1; }); };
  // In a PDF the figure around a drawing has no words.
  var figures = function (role) {
    all("figure").forEach(function (e) { role ? e.setAttribute("role", role) : e.removeAttribute("role"); });
  };
  var unfold = function (yes) { closed.forEach(function (e) { e.open = yes; }); };
  // A setting of knobs in the address (`#fig-strip?angle=97`): the button says so, a click sets it.
  var setting = function () {
    var parts = location.hash.slice(1).split("?"), figure = parts[1] && document.getElementById(decodeURIComponent(parts[0]));
    if (!figure) return;
    figure.scrollIntoView();
    var button = figure.querySelector("button.tune"), said = [];
    new URLSearchParams(parts[1]).forEach(function (value, name) { said.push(name + " = " + value); });
    if (button) button.textContent += " (" + said.join(", ").slice(0, 80) + ")";
  };
  // A phone folds long lists, but for what is asked for.
  var fold = function () {
    var lists = all("details.board"), form = document.querySelector(".filter");
    if (!lists[0]) return;
    var open = function (yes) { lists.forEach(function (e) { e.open = yes || !!(location.hash && e.querySelector(":target")); }); };
    if (form) form.addEventListener("change", open);
    if (!matchMedia("(max-width: 48rem)").matches) return;
    open();
    on("load", function () { all("main :target").forEach(function (e) { e.scrollIntoView(); }); });
  };
  on("DOMContentLoaded", function () {
    all("button.theme").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () {
        var now = root.style.colorScheme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
        set(now = now === "dark" ? "light" : "dark");
        try { localStorage.setItem(key, now); } catch (e) { /* private windows refuse */ }
      });
    });
    setting();
    // What recomputes a figure is loaded with a click.
    if (window.WebAssembly && window.Worker && window.DecompressionStream) all("button.recompute").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () {
        var go = function () { octavoLab.click(button); };
        if (window.octavoLab) return go();
        document.head.appendChild(Object.assign(document.createElement("script"), { src: button.dataset.script, onload: go }));
      });
    });
    regions = all("main [tabindex='0']");
    stops();
    fold();
  });
  on("load", stops);
  on("resize", stops);
  on("toggle", stops, true);
  on("beforeprint", function () {
    figures("group");
    closed = all("main details:not([open])");
    unfold(true);
  });
  on("afterprint", function () { figures(); unfold(false); });
})();
