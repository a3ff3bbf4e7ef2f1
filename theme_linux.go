//go:build production || dev || bindings

package main

/*
#cgo pkg-config: gtk+-3.0
#include <gtk/gtk.h>

static gboolean prefer(gpointer dark) {
	GtkSettings *settings = gtk_settings_get_default();
	if (settings == NULL) {
		return G_SOURCE_REMOVE;
	}
	if (GPOINTER_TO_INT(dark) < 0) {
		gtk_settings_reset_property(settings, "gtk-application-prefer-dark-theme");
	} else {
		g_object_set(settings, "gtk-application-prefer-dark-theme", GPOINTER_TO_INT(dark) != 0, NULL);
	}
	return G_SOURCE_REMOVE;
}

// GTK is touched on its own thread only.
static void preferLater(int dark) { g_idle_add(prefer, GINT_TO_POINTER(dark)); }
*/
import "C"

import "context"

// theme makes what GTK draws (the lists of choices, the file dialogs) as dark as the
// page: Wails' own switch does nothing on Linux. "auto" is what the system says.
func (n native) theme(_ context.Context, name string) {
	n.drawing.painted()
	dark := map[string]C.int{"light": 0, "dark": 1}
	if value, ok := dark[name]; ok {
		C.preferLater(value)
		return
	}
	C.preferLater(-1)
}
