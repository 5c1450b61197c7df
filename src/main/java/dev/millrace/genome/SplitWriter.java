package dev.millrace.genome;

import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Writes contigs and their lengths into a file that {@link SplitFile} and the original read: beside it first, under its name when
 * it is {@link #publish published}. One thread at a time; who opens it closes it.
 */
final class SplitWriter implements Closeable {
    /** Takes rows. */
    interface Rows extends Closeable {
        void add(String contigId, long length) throws IOException;
    }

    private final Path target;
    private final Path partial;
    private final Rows rows;
    private boolean finished;
    private boolean published;

    private SplitWriter(Path target, Path partial, Rows rows) {
        this.target = target;
        this.partial = partial;
        this.rows = rows;
    }

    static SplitWriter open(Path target, ContigSplit.Format format) throws IOException {
        if (format == ContigSplit.Format.PARQUET) {
            ParquetSupport.requireLibrary(target);
        }
        Path partial = target.resolveSibling(target.getFileName() + ".partial");
        Files.deleteIfExists(partial);
        return new SplitWriter(
                target, partial, format == ContigSplit.Format.CSV ? new Csv(partial) : new ParquetSplitRows(partial));
    }

    void add(String contigId, long length) throws IOException {
        rows.add(contigId, length);
    }

    /** Ends the file. */
    void finish() throws IOException {
        if (!finished) {
            finished = true;
            rows.close();
        }
    }

    /** Ends the file and puts it under its name. */
    void publish() throws IOException {
        finish();
        Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        published = true;
    }

    /** Gives up what is not published. */
    @Override
    public void close() throws IOException {
        try {
            finish();
        } finally {
            if (!published) {
                Files.deleteIfExists(partial);
            }
        }
    }

    private static final class Csv implements Rows {
        private final BufferedWriter out;

        Csv(Path file) throws IOException {
            out = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
            out.write(SplitFile.CONTIG_ID + "," + SplitFile.LENGTH + "\n");
        }

        @Override
        public void add(String contigId, long length) throws IOException {
            out.write(quoted(contigId) + "," + length + "\n");
        }

        private static String quoted(String text) {
            boolean plain = text.equals(text.strip()) && text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\t');
            return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }
}
