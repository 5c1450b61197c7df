package dev.millrace.kv;

import dev.millrace.build.PublishedFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Writes the entries of a store as JSON Lines in UTF-8, one entry a line, which {@link KvImport} reads back byte by byte:
 *
 * <pre>
 *   {"namespace":"main","key":"a","format":"text","value":"…"}
 *   {"namespace":"main","key":"b","format":"json","value":{"x":1.50}}
 *   {"namespace":"main","key":"c","format":"bytes","base64":"AAEC"}          cbor and tensor alike
 * </pre>
 *
 * A JSON document stands in the line as it is stored, number by number; one that has line breaks in it, or blanks around it,
 * is a text under {@code json_text} instead, because lines have none. Namespaces and keys are in order. Each namespace is of
 * one moment, not all of them together. Memory is bounded by the largest entry.
 *
 * <p>One thread at a time. The store stays open.
 */
public final class KvExport {
    private static final int BUFFER_BYTES = 1 << 16;

    private final KvStore store;
    private @Nullable String namespace;
    private String prefix = "";
    private LongConsumer progress = done -> {};

    public KvExport(KvStore store) {
        this.store = store;
    }

    /** Exports this namespace only; all by default. */
    public KvExport optNamespace(String name) {
        namespace = name;
        return this;
    }

    /** Exports only entries whose keys begin so. */
    public KvExport optPrefix(String value) {
        prefix = value;
        return this;
    }

    /** Is told how many entries are written, after each, on the exporting thread. */
    public KvExport optProgress(LongConsumer value) {
        progress = value;
        return this;
    }

    /**
     * Writes a file, which appears whole or not at all and replaces an older one; gzip if its name ends in {@code .gz}.
     *
     * @return entries written
     * @throws IOException if it cannot be written
     * @throws IllegalArgumentException if an entry's bytes are not of its format, naming the entry
     */
    public long write(Path file) throws IOException {
        try (PublishedFile out = PublishedFile.open(file)) {
            long entries = writeAll(out.out());
            out.publish();
            return entries;
        }
    }

    /**
     * As {@link #write(Path)}, to a stream that is flushed and stays open; never compressed.
     *
     * @return entries written
     */
    public long write(OutputStream out) throws IOException {
        BufferedOutputStream buffered = new BufferedOutputStream(out, BUFFER_BYTES);
        long entries = writeAll(buffered);
        buffered.flush();
        return entries;
    }

    private long writeAll(OutputStream out) throws IOException {
        long written = 0;
        for (String name : namespace == null ? store.namespaces() : List.of(namespace)) {
            try (Stream<StoredEntry> entries = store.storedEntries(name, prefix)) {
                for (Iterator<StoredEntry> each = entries.iterator(); each.hasNext(); ) {
                    write(name, each.next(), out);
                    progress.accept(++written);
                }
            }
        }
        return written;
    }

    private static void write(String namespace, StoredEntry entry, OutputStream out) throws IOException {
        try {
            new EntryLine(namespace, entry.key(), entry.value()).writeTo(out);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "Cannot export " + Keys.shown(entry.key()) + " of namespace " + Keys.shown(namespace) + ": "
                            + e.getMessage() + " Put it again, or remove it.",
                    e);
        } catch (JacksonException e) {
            // Jackson wraps what the stream throws.
            if (e.getCause() instanceof IOException failed) {
                throw failed;
            }
            throw e;
        }
    }
}
