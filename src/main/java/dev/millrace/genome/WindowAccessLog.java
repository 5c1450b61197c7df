package dev.millrace.genome;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A CSV file with one row per window that was read, in the columns and with the name of the original's:
 * {@code window_access_<split>_rank<r>_<8 hex digits>.csv}, {@code window_idx,sequence_id,sample_id,window_in_seq_idx,rank,access_ts};
 * {@code access_ts} in nanoseconds since 1970, {@code sample_id} {@code unknown} for ids that tell none.
 *
 * <p>Rows are collected and written when they are {@value #BUFFER_BYTES} bytes, or, with the next row, when the first of them is older
 * than the flush interval. A process that is killed loses those, some thousand rows at most, and may leave the last line cut. The
 * original writes each row at once.
 *
 * <p>Thread-safe; who opens it closes it.
 */
public final class WindowAccessLog implements AutoCloseable {
    /** Unless said otherwise. */
    public static final Duration DEFAULT_FLUSH_INTERVAL = Duration.ofSeconds(5);

    static final String HEADER = "window_idx,sequence_id,sample_id,window_in_seq_idx,rank,access_ts";
    private static final int BUFFER_BYTES = 1 << 16;
    private static final String LINE_END = "\r\n";

    private final Path file;
    private final OutputStream out;
    private final int rank;
    private final long flushNanos;
    private final StringBuilder rows = new StringBuilder(BUFFER_BYTES + 1024);
    private long firstRowNanos;
    private @Nullable String lastContig;
    private String lastCells = "";
    private boolean closed;

    private WindowAccessLog(Path file, OutputStream out, int rank, Duration flushInterval) {
        this.file = file;
        this.out = out;
        this.rank = rank;
        this.flushNanos = flushInterval.toNanos();
    }

    /**
     * Makes a new file in a folder, and the folder if need be.
     *
     * @param split part of the name of the file
     * @param flushInterval how old a row may become before it is written with the next; zero writes each at once
     * @throws IOException if the file cannot be made
     */
    public static WindowAccessLog open(Path folder, String split, int rank, Duration flushInterval) throws IOException {
        SampleIds.requireName(split, null);
        if (rank < 0) {
            throw new IllegalArgumentException("Expected a rank from 0, found " + rank + ".");
        }
        Files.createDirectories(folder);
        while (true) {
            String name = "window_access_" + split + "_rank" + rank + "_"
                    + UUID.randomUUID().toString().substring(0, 8) + ".csv";
            Path file = folder.resolve(name);
            try {
                OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                WindowAccessLog log = new WindowAccessLog(file, out, rank, flushInterval);
                log.rows.append(HEADER).append(LINE_END);
                log.flush();
                return log;
            } catch (FileAlreadyExistsException e) {
                // Another process drew the same eight digits: draw again.
            }
        }
    }

    /** Where the rows go. */
    public Path file() {
        return file;
    }

    /**
     * Adds a row for a window that is read now.
     *
     * @throws UncheckedIOException if rows cannot be written
     * @throws IllegalStateException if the log is closed
     */
    public void add(Window window) {
        add(window.index(), window.contigId(), window.windowInContig());
    }

    synchronized void add(long window, String contigId, long windowInContig) {
        if (closed) {
            throw new IllegalStateException("Cannot add to a closed log (" + file + ").");
        }
        if (!contigId.equals(lastContig)) {
            lastContig = contigId;
            lastCells = cell(contigId) + "," + cell(sampleOf(contigId));
        }
        Instant now = Instant.now();
        long nanos = System.nanoTime();
        if (rows.isEmpty()) {
            firstRowNanos = nanos;
        }
        rows.append(window)
                .append(',')
                .append(lastCells)
                .append(',')
                .append(windowInContig)
                .append(',')
                .append(rank);
        rows.append(',')
                .append(now.getEpochSecond() * 1_000_000_000 + now.getNano())
                .append(LINE_END);
        if (rows.length() >= BUFFER_BYTES || nanos - firstRowNanos >= flushNanos) {
            flush();
        }
    }

    /** Writes what was collected. */
    public synchronized void flush() {
        try {
            out.write(rows.toString().getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot write the window access log: " + e.getMessage() + " (" + file
                            + "). Make room, or turn the log off.",
                    e);
        } finally {
            rows.setLength(0);
        }
    }

    private static String sampleOf(String contigId) {
        try {
            return SampleIds.of(contigId);
        } catch (IllegalArgumentException e) {
            return "unknown";
        }
    }

    /** RFC 4180. */
    private static String cell(String text) {
        boolean plain =
                text.chars().noneMatch(letter -> letter == ',' || letter == '"' || letter == '\n' || letter == '\r');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    /** Writes the rest. Closing twice does nothing. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            flush();
        } finally {
            closeFile();
        }
    }

    private void closeFile() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot close the window access log: " + e.getMessage() + " (" + file + ").", e);
        }
    }
}
