package dev.millrace.chart;

import java.util.List;
import java.util.Objects;

/**
 * Panels under a title. Immutable.
 *
 * @param title what it shows; empty for none
 * @param subtitle what else is to be known: where, when; empty for none
 * @param panels from the top left, row by row
 * @param columns how many stand side by side
 * @param sharedX whether all panels have one horizontal axis, written below the last of each column
 */
public record Picture(String title, String subtitle, List<Panel> panels, int columns, boolean sharedX) {
    private static final double WIDTH = 1000;

    public Picture {
        Objects.requireNonNull(title, "title");
        Objects.requireNonNull(subtitle, "subtitle");
        panels = List.copyOf(panels);
        if (columns < 1) {
            throw new IllegalArgumentException("Expected at least 1 column, found " + columns + ".");
        }
    }

    /** One panel without a title of its own. */
    public static Picture of(Panel panel) {
        return new Picture("", "", List.of(panel), 1, false);
    }

    /** Panels below each other over one horizontal axis. */
    public static Picture stacked(String title, String subtitle, List<Panel> panels) {
        return new Picture(title, subtitle, panels, 1, true);
    }

    /** Panels of their own, up to {@code columns} side by side. */
    public static Picture grid(String title, String subtitle, List<Panel> panels, int columns) {
        return new Picture(title, subtitle, panels, Math.max(1, Math.min(columns, panels.size())), false);
    }

    /** The same without words above. */
    public Picture untitled() {
        return new Picture("", "", panels, columns, sharedX);
    }

    /** A width that suits it, in units of 1/96 inch. */
    public int naturalWidth() {
        return (int) (columns == 1 ? WIDTH : WIDTH * 1.2);
    }

    /** A height that suits it, in units of 1/96 inch. */
    public int naturalHeight() {
        double head = (title.isEmpty() ? 0 : 30) + (subtitle.isEmpty() ? 0 : 22) + 20;
        double row = sharedX ? 210 : columns == 1 ? 360 : 300;
        return (int) (head + Math.max(1, rows()) * row + (sharedX ? 36 : 0));
    }

    int rows() {
        return (panels.size() + columns - 1) / columns;
    }
}
