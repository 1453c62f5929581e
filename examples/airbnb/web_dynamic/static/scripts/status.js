// Asks the interface once whether it works, and colours the dot in the header.
(function () {
  "use strict";

  var badge = document.getElementById("api_status");

  function show(state, label) {
    badge.className = state;
    badge.querySelector(".label").textContent = label;
    badge.title = "The interface is " + label + ".";
  }

  // The same host answers both the page and the interface: Nginx sends /api/ to another app.
  fetch("/api/v1/status")
    .then(function (answer) { return answer.json(); })
    .then(function (answer) {
      if (answer.status === "OK") { show("available", "online"); } else { show("unavailable", "unwell"); }
    })
    .catch(function () { show("unavailable", "offline"); });
})();
