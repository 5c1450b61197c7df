package dev.millrace.chart;

import dev.millrace.chart.Ruler.Tick;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws pictures for a terminal, panels below each other. Lines are Braille patterns, 2 by 4 dots in a character; without
 * Unicode each line has a character of its own. Without colours letters at the right edge tell Braille lines apart. Thread-safe.
 */
public final class TextRenderer {
    private static final int COLUMNS_PER_TICK = 14;
    private static final int ROWS_PER_TICK = 3;
    private static final int LONGEST_LABEL = 30;
    private static final String LEVELS = "▁▂▃▄▅▆▇█";
    private static final String ASCII_LEVELS = "_.-=+*%#";

    private TextRenderer() {}

    /** A picture as lines of text, none longer than the terminal is wide. */
    public static List<String> lines(Picture picture, TextStyle style) {
        List<String> lines = new ArrayList<>();
        if (!picture.title().isEmpty()) {
            lines.add(style.strong(PlainText.visible(picture.title(), style.columns())));
        }
        if (!picture.subtitle().isEmpty()) {
            lines.add(style.faint(PlainText.visible(picture.subtitle(), style.columns())));
        }
        Extent shared = Extent.NONE;
        for (Panel panel : picture.panels()) {
            shared = picture.sharedX() ? shared.with(panel.xExtent()) : Extent.NONE;
        }
        int margin = picture.panels().stream()
                .mapToInt(panel -> margin(vertical(panel, style)))
                .max()
                .orElse(0);
        for (int i = 0; i < picture.panels().size(); i++) {
            Panel panel = picture.panels().get(i);
            boolean scale = !picture.sharedX() || i == picture.panels().size() - 1;
            if (!lines.isEmpty()) {
                lines.add("");
            }
            panel(lines, panel, picture.sharedX() ? shared : panel.xExtent(), style, margin, scale);
        }
        return lines;
    }

    /**
     * Values as one short line of bars, each the mean of its share; where none is finite there is a gap.
     *
     * @param width characters at most, at least 1
     */
    public static String sparkline(double[] values, int width, TextStyle style) {
        String levels = style.unicode() ? LEVELS : ASCII_LEVELS;
        int count = Math.min(width, values.length);
        double[] means = new double[count];
        Extent extent = Extent.NONE;
        for (int i = 0; i < count; i++) {
            means[i] = mean(
                    values, (int) ((long) values.length * i / count), (int) ((long) values.length * (i + 1) / count));
            extent = extent.with(means[i]);
        }
        StringBuilder line = new StringBuilder();
        double range = extent.high() / 2 - extent.low() / 2;
        for (double mean : means) {
            if (Double.isFinite(mean)) {
                double part = range > 0 ? (mean / 2 - extent.low() / 2) / range : 0.4;
                line.append(levels.charAt((int) Math.min(levels.length() - 1, part * levels.length())));
            } else {
                line.append(' ');
            }
        }
        return line.toString();
    }

    private static double mean(double[] values, int from, int to) {
        double sum = 0;
        int count = 0;
        for (int i = from; i < to; i++) {
            if (Double.isFinite(values[i])) {
                // Divided first: a sum of the largest doubles would be infinite.
                sum += values[i] / (to - from);
                count++;
            }
        }
        return count == 0 ? Double.NaN : sum / count * (to - from);
    }

    private static Ruler vertical(Panel panel, TextStyle style) {
        return Ruler.over(panel.y(), panel.yExtent(false), Math.max(2, style.rows() / ROWS_PER_TICK), true);
    }

    private static int margin(Ruler ruler) {
        return ruler.ticks().stream()
                .mapToInt(tick -> tick.label().length())
                .max()
                .orElse(1);
    }

    private static void panel(
            List<String> lines, Panel panel, Extent xExtent, TextStyle style, int margin, boolean scale) {
        head(lines, panel, style);
        if (panel.isEmpty()) {
            lines.add(style.faint("  " + PlainText.visible(panel.note(), style.columns() - 2)));
            return;
        }
        boolean lettered = TextPlot.isLettered(panel, style);
        int width = style.columns() - margin - 2 - (lettered ? 2 : 0);
        Ruler x = Ruler.over(panel.x(), xExtent, Math.max(2, width / COLUMNS_PER_TICK), false);
        Ruler y = vertical(panel, style);
        Ruler second = panel.second() == null
                ? y
                : Ruler.over(panel.second(), panel.yExtent(true), Math.max(2, style.rows() / ROWS_PER_TICK), true);
        TextPlot plot = new TextPlot(style, width);
        for (int i = 0; i < panel.lines().size(); i++) {
            Line line = panel.lines().get(i);
            plot.draw(line, i, x, line.isOnSecondAxis() ? second : y);
        }
        String[] labels = new String[style.rows()];
        for (Tick tick : y.ticks()) {
            int row = (int) Math.round((1 - y.place(tick.value())) * (style.rows() - 1));
            if (row >= 0 && row < labels.length) {
                labels[row] = tick.label();
            }
        }
        for (int row = 0; row < style.rows(); row++) {
            String label = labels[row] == null ? "" : plain(labels[row], style);
            String axis = label.isEmpty() ? style.unicode() ? "│" : "|" : style.unicode() ? "┤" : "+";
            lines.add((style.faint(pad(label, margin) + " " + axis) + plot.row(row, lettered)).stripTrailing());
        }
        foot(lines, panel, x, style, margin, width, scale);
    }

    private static void head(List<String> lines, Panel panel, TextStyle style) {
        String title = PlainText.visible(panel.title(), style.columns());
        String unit = PlainText.visible(panel.y().label(), Math.max(0, style.columns() - title.length() - 1));
        if (!title.isEmpty() || !unit.isEmpty()) {
            lines.add((style.strong(title) + (unit.isEmpty() ? "" : " " + style.faint(unit))).strip());
        }
        StringBuilder legend = new StringBuilder();
        int used = 0;
        for (int i = 0; i < panel.lines().size() && !panel.isEmpty(); i++) {
            Line line = panel.lines().get(i);
            if (line.label().isEmpty()) {
                continue;
            }
            String entry = PlainText.visible(line.label(), LONGEST_LABEL);
            String rest = "+ " + (panel.lines().size() - i) + " more";
            boolean last = i == panel.lines().size() - 1;
            if (used + entry.length() + 2 + (last ? 0 : rest.length() + 3) > style.columns()) {
                legend.append(rest);
                break;
            }
            String mark = TextPlot.mark(i, style);
            legend.append(style.painted(line.colour(i), mark))
                    .append(' ')
                    .append(entry)
                    .append("   ");
            used += mark.length() + entry.length() + 4;
        }
        if (!legend.isEmpty()) {
            lines.add(legend.toString().stripTrailing());
        }
    }

    private static void foot(
            List<String> lines, Panel panel, Ruler x, TextStyle style, int margin, int width, boolean scale) {
        StringBuilder axis = new StringBuilder((style.unicode() ? "─" : "-").repeat(width));
        StringBuilder labels = new StringBuilder(" ".repeat(style.columns()));
        int written = -1;
        for (Tick tick : x.ticks()) {
            int at = (int) Math.round(x.place(tick.value()) * (width - 1));
            if (at < 0 || at >= width) {
                continue;
            }
            axis.setCharAt(at, style.unicode() ? '┬' : '+');
            String label = plain(tick.label(), style);
            int from = Math.min(margin + 2 + at - label.length() / 2, style.columns() - label.length());
            if (from > written) {
                labels.replace(from, from + label.length(), label);
                written = from + label.length();
            }
        }
        lines.add(style.faint(" ".repeat(margin + 1) + (style.unicode() ? "└" : "+") + axis));
        if (scale) {
            lines.add(style.faint(labels.toString().stripTrailing()));
            String name = PlainText.visible(panel.x().label(), style.columns() - margin);
            if (!name.isEmpty()) {
                lines.add(style.faint(" ".repeat(Math.max(0, (style.columns() - name.length() + margin) / 2)) + name));
            }
        }
    }

    private static String pad(String label, int width) {
        return " ".repeat(Math.max(0, width - label.length())) + label;
    }

    /** The signs of numbers as ASCII has them. */
    private static String plain(String number, TextStyle style) {
        return style.unicode()
                ? number
                : number.replace('−', '-').replace("∞", "inf").replace('–', '-');
    }
}
