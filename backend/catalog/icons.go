package catalog

// Icons are the names of icons that the page has (lucide.dev), in order. A type of a
// plugin that is installed has one of them: plugins bring no pictures of their own.
var Icons = []string{
	"bell", "calendar-clock", "chart-column", "check", "circle-alert", "circle-dot", "database-backup", "download",
	"eraser", "file-minus", "file-pen", "file-plus", "filter", "flame", "flask-conical", "git-commit-horizontal",
	"globe", "key-round", "link", "log-in", "log-out", "map-pin", "message-square", "package", "puzzle",
	"refresh-cw", "rotate-ccw", "ruler", "search", "send", "settings", "share-2", "shield", "shield-check",
	"shield-off", "sliders-horizontal", "tag", "target", "terminal", "text-cursor-input", "upload", "user-cog",
	"user-minus", "user-plus", "variable", "video", "zap",
}
