// What a person does to a window that keys cannot do: drag files onto it, close it.
//
//   hand drag FILE…      a square at the screen's corner, to be dragged by the pointer;
//                        prints "ready", and ends once it was dropped
//   hand close WINDOW    what the cross in a window's frame does
//
// Built by window_test.go with GTK, which the window itself needs too.
#include <gtk/gtk.h>
#include <gtk/gtkx.h>
#include <string.h>

static void give(GtkWidget *w, GdkDragContext *c, GtkSelectionData *data, guint info, guint time, gpointer uris) {
	gtk_selection_data_set_uris(data, (gchar **)uris);
}

static void dropped(GtkWidget *w, GdkDragContext *c, gpointer nothing) { gtk_main_quit(); }

static int drag(int n, char **files) {
	gchar **uris = g_new0(gchar *, n + 1);
	for (int i = 0; i < n; i++) uris[i] = g_filename_to_uri(files[i], NULL, NULL);
	GtkWidget *window = gtk_window_new(GTK_WINDOW_POPUP), *box = gtk_event_box_new();
	gtk_widget_set_size_request(box, 40, 40);
	gtk_container_add(GTK_CONTAINER(window), box);
	GtkTargetEntry target = {"text/uri-list", 0, 0};
	gtk_drag_source_set(box, GDK_BUTTON1_MASK, &target, 1, GDK_ACTION_COPY);
	g_signal_connect(box, "drag-data-get", G_CALLBACK(give), uris);
	g_signal_connect(box, "drag-end", G_CALLBACK(dropped), NULL);
	gtk_window_move(GTK_WINDOW(window), 0, 0);
	gtk_widget_show_all(window);
	gdk_display_sync(gdk_display_get_default());
	puts("ready");
	fflush(stdout);
	gtk_main();
	return 0;
}

static int close_window(const char *number) {
	Display *display = GDK_DISPLAY_XDISPLAY(gdk_display_get_default());
	XEvent event = {0};
	event.xclient.type = ClientMessage;
	event.xclient.window = strtoul(number, NULL, 10);
	event.xclient.message_type = XInternAtom(display, "WM_PROTOCOLS", False);
	event.xclient.format = 32;
	event.xclient.data.l[0] = XInternAtom(display, "WM_DELETE_WINDOW", False);
	XSendEvent(display, event.xclient.window, False, NoEventMask, &event);
	XSync(display, False);
	return 0;
}

int main(int argc, char **argv) {
	gdk_set_allowed_backends("x11");
	gtk_init(&argc, &argv);
	if (argc > 2 && strcmp(argv[1], "drag") == 0) return drag(argc - 2, argv + 2);
	if (argc == 3 && strcmp(argv[1], "close") == 0) return close_window(argv[2]);
	fputs("hand drag FILE… | hand close WINDOW\n", stderr);
	return 2;
}
