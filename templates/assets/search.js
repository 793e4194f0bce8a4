/* Loads the search when a reader types into its field, or comes with a question to the page of results. */
(function () {
  var load = function (form) {
    if (form.dataset.ready) return;
    form.dataset.ready = "yes";
    var script = document.createElement("script");
    script.src = form.dataset.root + "assets/find.js";
    document.head.appendChild(script);
  };
  addEventListener("input", function (event) {
    var form = event.target.form;
    if (form && form.matches("form.search")) load(form);
  });
  addEventListener("DOMContentLoaded", function () {
    var form = document.querySelector("main form.search"), asked = new URLSearchParams(location.search).get("q");
    if (form && asked) { form.q.value = asked; load(form); }
  });
})();
