package dev.millrace.kv;

import dev.millrace.build.PublishedFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Puts the entries of JSON Lines, as {@link KvExport} writes them, into a store, over those that are there. The properties of
 * a line may come in any order; every line is one entry, and none may be left blank.
 *
 * <p>Entries go into the store one after the other: at the first line that is no entry the import ends, and what came before
 * it stays. Importing again after the line has been corrected puts the same entries again, which changes nothing. In a
 * WRITE_THROUGH store every entry is a commit of its own; open the store LAZY to import much. Memory is bounded by the
 * largest entry.
 *
 * <p>One thread at a time. The store stays open; when an import returns or fails, all that it put is committed.
 */
public final class KvImport {
    private static final int BUFFER_BYTES = 1 << 16;

    private final KvStore store;
    private @Nullable String namespace;
    private LongConsumer progress = done -> {};

    public KvImport(KvStore store) {
        this.store = store;
    }

    /** Puts all entries into this namespace, whatever the lines say. */
    public KvImport optNamespace(String name) {
        namespace = name;
        return this;
    }

    /** Is told how many entries are put, after each, on the importing thread. */
    public KvImport optProgress(LongConsumer value) {
        progress = value;
        return this;
    }

    /**
     * Looks at the first line of a file, so that nobody makes a store for what cannot be imported.
     *
     * @throws MalformedEntryException if it is no entry
     * @throws IOException if the file cannot be read
     */
    public static void checkBeginning(Path file) throws IOException {
        try (InputStream plain = Files.newInputStream(file)) {
            LineReader lines =
                    new LineReader(PublishedFile.isGzip(file) ? unpacked(plain, file) : plain, EntryLine.MAX_BYTES);
            if (lines.next()) {
                Keys.checked(
                        "key", EntryLine.parse(lines.bytes(), lines.length()).key());
            }
        } catch (IllegalArgumentException e) {
            throw new MalformedEntryException(file.toString(), 1, 0, String.valueOf(e.getMessage()), e);
        } catch (ZipException | EOFException e) {
            throw new MalformedEntryException(
                    file.toString(), 1, 0, "expected gzip to its end, found it damaged or cut", e);
        }
    }

    /**
     * Reads a file; gzip if its name ends in {@code .gz}.
     *
     * @return entries put
     * @throws MalformedEntryException at the first line that is no entry
     * @throws IOException if the file cannot be read
     */
    public long read(Path file) throws IOException {
        try (InputStream plain = Files.newInputStream(file)) {
            return read(PublishedFile.isGzip(file) ? unpacked(plain, file) : plain, file.toString());
        }
    }

    private static InputStream unpacked(InputStream plain, Path file) throws IOException {
        try {
            return new GZIPInputStream(plain, BUFFER_BYTES);
        } catch (ZipException | EOFException e) {
            throw new MalformedEntryException(
                    file.toString(), 1, 0, "expected gzip, as the name says, found other bytes", e);
        }
    }

    /**
     * Reads a stream, which stays open.
     *
     * @param name of the input, for errors
     * @return entries put
     * @throws MalformedEntryException at the first line that is no entry
     * @throws IOException if the stream cannot be read
     */
    public long read(InputStream in, String name) throws IOException {
        LineReader lines = new LineReader(in, EntryLine.MAX_BYTES);
        long stored = 0;
        try {
            while (lines.next()) {
                EntryLine entry = EntryLine.parse(lines.bytes(), lines.length());
                store.putStored(namespace == null ? entry.namespace() : namespace, entry.key(), entry.value());
                progress.accept(++stored);
            }
        } catch (IllegalArgumentException e) {
            store.flushWriteBuffer();
            throw new MalformedEntryException(name, lines.number(), stored, String.valueOf(e.getMessage()), e);
        } catch (ZipException | EOFException e) {
            store.flushWriteBuffer();
            throw new MalformedEntryException(
                    name, lines.number() + 1, stored, "expected gzip to its end, found it damaged or cut", e);
        }
        store.flushWriteBuffer();
        return stored;
    }
}
