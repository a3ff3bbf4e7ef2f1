// Runs before the first paint, so that a dark page never flashes white. The
// values are this viewer's copy of the preferences (see src/state/appearance).
(function () {
  try {
    var kept = JSON.parse(localStorage.getItem('activitylog.appearance') || '{}');
    var root = document.documentElement;
    if (kept.theme) root.setAttribute('data-theme', kept.theme);
    if (kept.density) root.setAttribute('data-density', kept.density);
    if (kept.language) root.setAttribute('lang', kept.language);
  } catch {
    // No storage, or not ours: the defaults hold.
  }
})();
