package dev.millrace.genome;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.PublishedFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Writes the records of a FASTA file as lines {@code {"id": …, "prompt": …}}, as the original's {@code fasta_to_jsonl}: id is the
 * first word of the header, prompt the bases. The file appears whole or not at all. Memory: constant.
 */
public final class FastaJsonl {
    private FastaJsonl() {}

    /**
     * Converts a file, plain or gzip.
     *
     * @param upper whether to write the bases in upper case
     * @return how many records
     * @throws MalformedFastaException if it is no FASTA, damaged, or has a record that cannot be read: nothing is left out
     */
    public static long write(Path fasta, Path jsonl, boolean upper, BuildProgress progress) throws IOException {
        BuildProgress.Meter meter = new BuildProgress.Meter(progress, "convert (MiB)", Files.size(fasta) >> 20);
        byte[] piece = new byte[1 << 16];
        long records = 0;
        try (FastaReader reader = FastaReader.open(fasta);
                PublishedFile file = PublishedFile.open(jsonl)) {
            OutputStream out = file.out();
            while (reader.next()) {
                requireSound(reader, fasta);
                out.write(("{\"id\": " + quoted(reader.name()) + ", \"prompt\": \"").getBytes(StandardCharsets.UTF_8));
                for (int count = reader.read(piece); count >= 0; count = reader.read(piece)) {
                    write(out, piece, count, upper);
                    meter.advanceTo(reader.position() >> 20);
                }
                requireSound(reader, fasta);
                out.write('"');
                out.write('}');
                out.write('\n');
                records++;
            }
            file.publish();
        }
        meter.finish();
        return records;
    }

    private static void requireSound(FastaReader reader, Path fasta) throws MalformedFastaException {
        FastaReader.Fault fault = reader.fault();
        if (fault != null) {
            throw new MalformedFastaException("Cannot convert record '" + reader.name() + "': " + fault.detail() + " ("
                    + fasta + ", line " + fault.line() + "). Correct the file; nothing was written.");
        }
    }

    /** Bases as JSON text; a tag may hold a quote or a backslash. */
    private static void write(OutputStream out, byte[] bases, int count, boolean upper) throws IOException {
        int start = 0;
        for (int i = 0; i < count; i++) {
            byte base = bases[i];
            if (upper && base >= 'a' && base <= 'z') {
                bases[i] = (byte) (base - 'a' + 'A');
            } else if (base == '"' || base == '\\') {
                out.write(bases, start, i - start);
                out.write('\\');
                start = i;
            }
        }
        out.write(bases, start, count - start);
    }

    /** A name as JSON text; it has no control characters but perhaps those beyond ASCII, which JSON allows. */
    private static String quoted(String name) {
        StringBuilder text = new StringBuilder("\"");
        name.codePoints().forEach(point -> {
            if (point == '"' || point == '\\') {
                text.append('\\').appendCodePoint(point);
            } else if (point < ' ') {
                text.append(String.format(Locale.ROOT, "\\u%04x", point));
            } else {
                text.appendCodePoint(point);
            }
        });
        return text.append('"').toString();
    }
}
