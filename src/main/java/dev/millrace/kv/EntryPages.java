package dev.millrace.kv;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The entries of a namespace in order of their keys, read page by page. No statement stays open between two pages, so that a
 * slow reader does not keep the log from being emptied; what is written meanwhile is seen if it lies ahead. One thread.
 */
final class EntryPages implements Iterator<StoredEntry> {
    private final ReaderPool file;
    private final Namespace namespace;
    private final String prefix;
    private List<StoredEntry> page;
    private int next;

    private EntryPages(ReaderPool file, Namespace namespace, String prefix) {
        this.file = file;
        this.namespace = namespace;
        this.prefix = prefix;
        this.page = file.read(reader -> reader.page(namespace, prefix, true));
    }

    static Stream<StoredEntry> stream(ReaderPool file, Namespace namespace, String prefix) {
        int kind = Spliterator.ORDERED | Spliterator.DISTINCT | Spliterator.NONNULL;
        // The first page is read by the first who asks for an entry, so that a stream that nobody uses costs nothing.
        return StreamSupport.stream(
                () -> Spliterators.spliteratorUnknownSize(new EntryPages(file, namespace, prefix), kind), kind, false);
    }

    @Override
    public boolean hasNext() {
        if (next == page.size() && next > 0) {
            String last = page.get(next - 1).key();
            page = file.read(reader -> reader.page(namespace, last, false));
            next = 0;
        }
        // Keys with a prefix lie together.
        return next < page.size() && page.get(next).key().startsWith(prefix);
    }

    @Override
    public StoredEntry next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return page.get(next++);
    }
}
