(function () {
  var root = document.documentElement, key = "octavo-theme", set = function (theme) { if (theme) { root.style.colorScheme = theme; root.dataset.theme = theme; } };
  var read = function () { try { return localStorage.getItem(key); } catch (e) { return null; } };
  set(read());
  addEventListener("DOMContentLoaded", function () {
    var button = document.querySelector("button.theme");
    if (button) {
      button.hidden = false;
      button.addEventListener("click", function () {
        var now = root.style.colorScheme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
        var next = now === "dark" ? "light" : "dark";
        set(next);
        try { localStorage.setItem(key, next); } catch (e) { /* private windows refuse; the toggle still works */ }
      });
    }
  });
  // An address may carry a reader's own setting of a figure's knobs (`#fig-strip?angle=97`): its button says so, and a click sets it.
  addEventListener("DOMContentLoaded", function () {
    var parts = location.hash.slice(1).split("?"), figure = parts.length > 1 && document.getElementById(decodeURIComponent(parts[0]));
    if (!figure) return;
    figure.scrollIntoView();
    var button = figure.querySelector("button.tune"), said = "";
    new URLSearchParams(parts[1]).forEach(function (value, name) { said += (said && ", ") + name + " = " + value; });
    if (button) button.textContent += " (" + said.slice(0, 80) + ")";
  });
  // What computes a figure again is loaded with the first click on such a button.
  addEventListener("DOMContentLoaded", function () {
    if (!window.WebAssembly || !window.Worker || !window.DecompressionStream) return;
    [].forEach.call(document.querySelectorAll("button.recompute"), function (button) {
      button.hidden = false;
      button.addEventListener("click", function () {
        if (window.octavoLab) { window.octavoLab.click(button); return; }
        var script = document.createElement("script");
        script.src = button.dataset.script;
        script.onload = function () { window.octavoLab.click(button); };
        document.head.appendChild(script);
      });
    });
  });
  // What does not scroll is no stop on the way of the tab key.
  var regions = [], stops = function () { regions.forEach(function (e) { e.tabIndex = e.scrollWidth > e.clientWidth + 1 ? 0 : -1; }); };
  addEventListener("DOMContentLoaded", function () { regions = [].slice.call(document.querySelectorAll("main [tabindex='0']")); stops(); });
  addEventListener("load", stops);
  addEventListener("resize", stops);
  addEventListener("toggle", stops, true);
  // A phone shows long lists folded, but for the part that is asked for.
  addEventListener("DOMContentLoaded", function () {
    var parts = [].slice.call(document.querySelectorAll("details.board")), form = document.querySelector(".filter");
    var fold = function (open) { parts.forEach(function (part) { part.open = open || !!(location.hash && part.querySelector(":target")); }); };
    if (parts.length && matchMedia("(max-width: 48rem)").matches) {
      fold(false);
      addEventListener("load", function () { var asked = location.hash && document.querySelector("main :target"); if (asked) asked.scrollIntoView(); });
    }
    if (parts.length && form) form.addEventListener("change", function () { fold(true); });
  });
  var closed = [];
  // Of a figure and of the drawing in it a PDF makes a figure each, the outer one without words.
  var figures = function (role) {
    [].forEach.call(document.querySelectorAll("figure"), function (e) { if (role) e.setAttribute("role", role); else e.removeAttribute("role"); });
  };
  addEventListener("beforeprint", function () {
    figures("group");
    closed = [].slice.call(document.querySelectorAll("main details:not([open])"));
    closed.forEach(function (d) { d.open = true; });
  });
  addEventListener("afterprint", function () { figures(); closed.forEach(function (d) { d.open = false; }); });
})();
