package dev.millrace.cli;

import dev.millrace.genome.Window;
import dev.millrace.genome.WindowFormat;
import dev.millrace.genome.WindowItem;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One window for a person to read: its tokens as text, and which of them are predicted. */
final class WindowView {
    private static final int COLUMNS = 80;

    private WindowView() {}

    static List<String> lines(WindowFormat format, Window window, WindowItem item) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "window %d: window %d of contig %s%s, %,d bases, %,d of %,d tokens predicted",
                window.index(),
                window.windowInContig(),
                window.contigId(),
                format.isReversed(window) ? ", other strand" : "",
                window.length(),
                item.lossTokens(),
                item.tokens().length));
        String text = format.tokenIds().text(item.tokens());
        for (int from = 0; from < text.length(); from += COLUMNS) {
            lines.add("  " + text.substring(from, Math.min(text.length(), from + COLUMNS)));
        }
        lines.add("  predicted after tokens: " + ranges(item.lossMask()));
        return lines;
    }

    /** Places with a loss, as in {@code 0-125 127}. */
    private static String ranges(float[] lossMask) {
        StringBuilder ranges = new StringBuilder();
        int start = -1;
        for (int place = 0; place <= lossMask.length; place++) {
            boolean counts = place < lossMask.length && lossMask[place] != 0;
            if (counts && start < 0) {
                start = place;
            } else if (!counts && start >= 0) {
                ranges.append(ranges.isEmpty() ? "" : " ").append(start);
                ranges.append(place - 1 > start ? "-" + (place - 1) : "");
                start = -1;
            }
        }
        return ranges.isEmpty() ? "none" : ranges.toString();
    }
}
