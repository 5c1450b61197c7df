package dev.millrace.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One measured figure beside its goal. Immutable.
 *
 * @param name what was measured, as a key: {@code log_p99}
 * @param what the same in words, with the conditions
 * @param value the figure
 * @param unit of value and goal
 * @param goal what it should be; NaN if it has none
 * @param more whether more is better
 */
public record Figure(String name, String what, double value, String unit, double goal, boolean more) {
    /** A figure that should not be above its goal. */
    static Figure atMost(String name, String what, double value, String unit, double goal) {
        return new Figure(name, what, value, unit, goal, false);
    }

    /** A figure that should not be below its goal. */
    static Figure atLeast(String name, String what, double value, String unit, double goal) {
        return new Figure(name, what, value, unit, goal, true);
    }

    /** A figure that is told and not judged. */
    static Figure plain(String name, String what, double value, String unit) {
        return new Figure(name, what, value, unit, Double.NaN, false);
    }

    /** Whether the goal is reached; true without one. */
    public boolean reached() {
        return Double.isNaN(goal) || (more ? value >= goal : value <= goal);
    }

    /** The figures as a Markdown table. */
    public static String markdown(List<Figure> figures) {
        StringBuilder table = new StringBuilder("| | measured | goal |\n|---|---|---|\n");
        for (Figure figure : figures) {
            table.append("| ").append(figure.what).append(" | ").append(number(figure.value));
            table.append(' ').append(figure.unit).append(" | ");
            if (!Double.isNaN(figure.goal)) {
                table.append(figure.more ? "≥ " : "≤ ").append(number(figure.goal));
                table.append(figure.reached() ? "" : ", missed");
            }
            table.append(" |\n");
        }
        return table.toString();
    }

    /** The figures for a program: name to value, unit, goal and whether it is reached. */
    public static Map<String, Object> json(List<Figure> figures) {
        Map<String, Object> fields = new LinkedHashMap<>();
        List<String> missed = new ArrayList<>();
        for (Figure figure : figures) {
            Map<String, Object> field = new LinkedHashMap<>();
            field.put("value", figure.value);
            field.put("unit", figure.unit);
            if (!Double.isNaN(figure.goal)) {
                field.put(figure.more ? "at_least" : "at_most", figure.goal);
            }
            fields.put(figure.name, field);
            if (!figure.reached()) {
                missed.add(figure.name);
            }
        }
        fields.put("missed", missed);
        return fields;
    }

    private static String number(double value) {
        double size = Math.abs(value);
        return size >= 1_000 || value == Math.rint(value)
                ? String.format(Locale.ROOT, "%,.0f", value)
                : String.format(Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f", value);
    }
}
