package dev.millrace.kv;

import static dev.millrace.kv.KvTests.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What was read from the file is kept only while nothing has been committed since. */
final class HotTierTest {
    private static final EntryKey KEY = new EntryKey(1, "key");
    private static final EntryKey OTHER = new EntryKey(2, "key");
    private static final StoredValue OLD = new StoredValue(Codecs.Format.BYTES, bytes("old"));
    private static final StoredValue NEW = new StoredValue(Codecs.Format.BYTES, bytes("new"));

    private final HotTier hot = new HotTier(100, 0);

    @Test
    void keep_nothingCommittedSince_keeps() {
        long mark = hot.mark(KEY);
        hot.keep(KEY, OLD, mark);
        assertThat(hot.get(KEY)).isSameAs(OLD);
        assertThat(hot.get(OTHER)).isNull();
    }

    @Test
    void keep_committedSince_keepsTheNewerValue() {
        long mark = hot.mark(KEY);
        hot.committed(KEY, NEW);
        hot.keep(KEY, OLD, mark);
        assertThat(hot.get(KEY)).isSameAs(NEW);
    }

    @Test
    void keep_committedAndEvictedOrRemovedSince_keepsNothing() {
        long mark = hot.mark(KEY);
        hot.committed(KEY, NEW);
        hot.entries().remove(KEY);
        hot.keep(KEY, OLD, mark);
        assertThat(hot.get(KEY)).isNull();
        long markBeforeRemoval = hot.mark(KEY);
        hot.committed(KEY, null);
        hot.keep(KEY, OLD, markBeforeRemoval);
        assertThat(hot.get(KEY)).isNull();
    }

    @Test
    void keep_namespaceClearedSince_keepsNothing() {
        hot.committed(OTHER, NEW);
        long mark = hot.mark(KEY);
        hot.cleared(1);
        hot.keep(KEY, OLD, mark);
        assertThat(hot.get(KEY)).isNull();
        assertThat(hot.get(OTHER)).as("of another namespace").isSameAs(NEW);
    }

    @Test
    void committed_moreThanFits_staysWithinTheBound() {
        HotTier small = new HotTier(-1, 10_000);
        for (int i = 0; i < 1_000; i++) {
            small.committed(new EntryKey(1, "key " + i), new StoredValue(Codecs.Format.BYTES, new byte[100]));
            assertThat(small.bytes()).isLessThanOrEqualTo(10_000);
        }
        assertThat(small.evictions()).isEqualTo(1_000 - small.size());
        HotTier none = new HotTier(0, 0);
        none.committed(KEY, NEW);
        assertThat(none.get(KEY)).isNull();
    }
}
