package dev.millrace.build;

import dev.millrace.Internal;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts rejects by reason and writes them to a file of tab-separated columns: file, line or record, id, reason, detail.
 * Control characters of the input are written as {@code ?}. One thread at a time; who opens it closes it.
 */
@Internal
public final class RejectFile implements Closeable {
    /** What the second column counts, and its heading. */
    public enum Place {
        /** Lines of a text file, from 1; 0 when the fault is not in one line. */
        LINE("line"),
        /** Records of a file, from 0. */
        RECORD("record");

        private final String heading;

        Place(String heading) {
            this.heading = heading;
        }
    }

    private final @Nullable BufferedWriter out;
    private final Map<String, Long> counts = new TreeMap<>();

    private RejectFile(@Nullable BufferedWriter out) {
        this.out = out;
    }

    /** Starts a file; null counts only. */
    public static RejectFile open(@Nullable Path file, Place place) throws IOException {
        if (file == null) {
            return new RejectFile(null);
        }
        BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
        out.write("file\t" + place.heading + "\tid\treason\tdetail\n");
        return new RejectFile(out);
    }

    /**
     * Counts a reject and writes its line.
     *
     * @param file name of the input file, without folders
     * @param place its line or record there
     * @param id as far as it was read
     * @param reason one word of the domain's, in lower case
     * @param detail what was expected and what was found
     */
    public void add(String file, long place, @Nullable String id, String reason, String detail) throws IOException {
        counts.merge(reason, 1L, Long::sum);
        if (out != null) {
            out.write(cell(file) + "\t" + place + "\t" + (id == null ? "" : cell(id)) + "\t" + reason + "\t"
                    + cell(detail) + "\n");
        }
    }

    /** How many were rejected for this reason. */
    public long count(String reason) {
        return counts.getOrDefault(reason, 0L);
    }

    /** Counts by reason. */
    public Map<String, Long> counts() {
        return new TreeMap<>(counts);
    }

    @Override
    public void close() throws IOException {
        if (out != null) {
            out.close();
        }
    }

    private static String cell(String text) {
        StringBuilder cell = new StringBuilder(text.length());
        text.codePoints()
                .limit(1000)
                .forEach(point -> cell.appendCodePoint(Character.isISOControl(point) ? '?' : point));
        return cell.toString();
    }
}
