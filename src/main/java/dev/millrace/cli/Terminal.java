package dev.millrace.cli;

import dev.millrace.chart.TextStyle;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * What the place that is printed to can show, and the options that say otherwise. Colours only where the launcher saw a terminal
 * and nobody asked for none (NO_COLOR, see no-color.org); Braille unless the locale says that it is not UTF-8.
 */
final class Terminal {
    /** Set by the launcher when standard output is a terminal: its width. */
    static final String COLUMNS = "MILLRACE_COLUMNS";

    /** Set by the launcher beside it: the height. */
    static final String ROWS = "MILLRACE_ROWS";

    private static final int USUAL_COLUMNS = 80;
    private static final int LEAST_COLUMNS = 40;
    private static final int MOST_COLUMNS = 400;

    @Option(
            names = {"--no-colour", "--no-color"},
            description = "No colours, also on a terminal (as NO_COLOR does).")
    private boolean withoutColour;

    @Option(names = "--ascii", description = "Plain ASCII only, for terminals without UTF-8.")
    private boolean ascii;

    @Option(
            names = "--columns",
            paramLabel = "N",
            description = "Width of the output (default: that of the terminal, else 80).")
    private @Nullable Integer columns;

    /** A style for charts of {@code rows} lines. */
    TextStyle style(int rows) {
        if (columns != null) {
            Inputs.range("--columns", columns, LEAST_COLUMNS, MOST_COLUMNS);
        }
        return style(System.getenv(), rows);
    }

    TextStyle style(Map<String, String> environment, int rows) {
        boolean unicode = !ascii && isUnicode(environment);
        boolean colour = !withoutColour && isColourful(environment);
        return new TextStyle(columns != null ? columns : columns(environment), rows, unicode, colour);
    }

    /** How many lines the terminal shows at once; very many if nobody knows. */
    static int rows() {
        String seen = System.getenv().getOrDefault(ROWS, "");
        return seen.matches("[1-9]\\d{0,4}") ? Integer.parseInt(seen) : Integer.MAX_VALUE;
    }

    /** Whether what is printed may be drawn over: it goes to a terminal. */
    static boolean isTerminal() {
        return System.getenv(COLUMNS) != null;
    }

    /** A line as the place that it goes to can show it. */
    static String line(String line, TextStyle style) {
        if (style.unicode()) {
            return line;
        }
        StringBuilder plain = new StringBuilder(line.length());
        line.codePoints().forEach(point -> {
            switch (point) {
                case '−', '–', '—' -> plain.append('-');
                case '∞' -> plain.append("inf");
                case '…' -> plain.append('~');
                case '·' -> plain.append('|');
                case 'Δ' -> plain.append('d');
                default -> plain.appendCodePoint(point < 0x7F ? point : '?');
            }
        });
        return plain.toString();
    }

    private static boolean isUnicode(Map<String, String> environment) {
        for (String name : new String[] {"LC_ALL", "LC_CTYPE", "LANG"}) {
            String locale = environment.getOrDefault(name, "");
            if (!locale.isEmpty()) {
                String upper = locale.toUpperCase(Locale.ROOT);
                return upper.contains("UTF-8") || upper.contains("UTF8");
            }
        }
        // Nothing is said: what is printed is UTF-8 in any case.
        return true;
    }

    private static boolean isColourful(Map<String, String> environment) {
        return environment.containsKey(COLUMNS)
                && environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "dumb").equals("dumb");
    }

    private static int columns(Map<String, String> environment) {
        String seen = environment.getOrDefault(COLUMNS, "");
        if (!seen.matches("[1-9]\\d{0,4}")) {
            return USUAL_COLUMNS;
        }
        return Math.max(LEAST_COLUMNS, Math.min(MOST_COLUMNS, Integer.parseInt(seen)));
    }
}
