package dev.millrace.genome;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Items that the original made, and the contigs that it made them of. */
final class ReferenceWindows {
    static final Path FOLDER = Path.of("../shared/data/genome/reference");

    private ReferenceWindows() {}

    /** The file, unpacked if its name says so; the test is skipped when it is not there. */
    static JsonNode json(String name) throws IOException {
        Path file = FOLDER.resolve(name);
        assumeTrue(Files.isRegularFile(file), "skipped: " + file + " is not there");
        try (InputStream bytes = Files.newInputStream(file);
                InputStream text = name.endsWith(".gz") ? new GZIPInputStream(bytes) : bytes) {
            return JsonMapper.shared().readTree(text);
        }
    }

    /** The bases that the format takes of window {@code item} of the reference, at a stride. */
    static Window window(JsonNode sequences, JsonNode item, int stride, WindowFormat format) {
        String contig = item.get("sequence_id").asString();
        byte[] bases = sequences.get(contig).asString().getBytes(StandardCharsets.US_ASCII);
        long inContig = item.get("window_in_seq_idx").asLong();
        int start = Math.toIntExact(inContig * stride);
        int length = Math.min(format.effectiveBases(contig), bases.length - start);
        return new Window(item.get("window_idx").asLong(), contig, inContig, bases, start, length, 0);
    }

    static long[] longs(JsonNode array) {
        long[] values = new long[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asLong();
        }
        return values;
    }
}
