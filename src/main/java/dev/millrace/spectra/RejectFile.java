package dev.millrace.spectra;

import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts rejects by reason and writes them to a file of tab-separated columns: file, line, id, reason, detail. Control
 * characters of the input are written as {@code ?}. One thread at a time; who opens it closes it.
 */
final class RejectFile implements Closeable {
    private final @Nullable BufferedWriter out;
    private final Map<MspReject.Reason, Long> counts = new EnumMap<>(MspReject.Reason.class);

    private RejectFile(@Nullable BufferedWriter out) {
        this.out = out;
    }

    /** Starts a file; null counts only. */
    static RejectFile open(@Nullable Path file) throws IOException {
        if (file == null) {
            return new RejectFile(null);
        }
        BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
        out.write("file\tline\tid\treason\tdetail\n");
        return new RejectFile(out);
    }

    void add(MspReject reject) throws IOException {
        counts.merge(reject.reason(), 1L, Long::sum);
        if (out != null) {
            String id = reject.sourceId() == null ? "" : cell(reject.sourceId());
            out.write(cell(reject.file()) + "\t" + reject.line() + "\t" + id + "\t" + word(reject.reason()) + "\t"
                    + cell(reject.detail()) + "\n");
        }
    }

    long count(MspReject.Reason reason) {
        return counts.getOrDefault(reason, 0L);
    }

    /** Counts by the word that stands in the file. */
    Map<String, Long> counts() {
        Map<String, Long> byWord = new TreeMap<>();
        counts.forEach((reason, count) -> byWord.put(word(reason), count));
        return byWord;
    }

    @Override
    public void close() throws IOException {
        if (out != null) {
            out.close();
        }
    }

    private static String word(MspReject.Reason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }

    private static String cell(String text) {
        StringBuilder cell = new StringBuilder(text.length());
        text.codePoints()
                .limit(1000)
                .forEach(point -> cell.appendCodePoint(Character.isISOControl(point) ? '?' : point));
        return cell.toString();
    }
}
