package dev.millrace.build;

import dev.millrace.Internal;
import org.jspecify.annotations.Nullable;

/** One line of CSV by RFC 4180, built cell by cell. One thread at a time. */
@Internal
public final class CsvLine {
    private static final String FORMULA_STARTS = "=+-@\t\r";

    private final StringBuilder line = new StringBuilder();
    private final boolean guardFormulas;
    private boolean begun;

    /** @param guardFormulas whether to put {@code '} before texts that a spreadsheet would run */
    public CsvLine(boolean guardFormulas) {
        this.guardFormulas = guardFormulas;
    }

    /** A text, in quotes where it needs them. */
    public CsvLine text(String text) {
        String safe =
                guardFormulas && !text.isEmpty() && FORMULA_STARTS.indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
        boolean quote = safe.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
                || !safe.strip().equals(safe);
        return cell(quote ? '"' + safe.replace("\"", "\"\"") + '"' : safe);
    }

    /** A number, NaN and infinities included; an empty cell for null. */
    public CsvLine number(@Nullable Number number) {
        return cell(number == null ? "" : number.toString());
    }

    private CsvLine cell(String cell) {
        if (begun) {
            line.append(',');
        }
        begun = true;
        line.append(cell);
        return this;
    }

    @Override
    public String toString() {
        return line.toString();
    }
}
