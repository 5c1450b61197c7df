package dev.millrace.batch;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Blocks that were read lately, the earliest read given up first; shared by all readers of a source, so that each block is
 * read once while it is in use. Thread-safe. Memory: the given bytes, 4 for each block of the file, and what the batches being
 * made hold.
 */
final class BlockCache {
    /** A block: its bytes and where each of its rows begins, with the end of the last. */
    record Block(int number, byte[] bytes, int[] offsets) {
        private int size() {
            return bytes.length + offsets.length * Integer.BYTES;
        }
    }

    private final long mostBytes;
    /* By number, and read without a lock: every sample asks here. */
    private final AtomicReferenceArray<@Nullable Block> blocks;
    /* Held while blocks are fetched: two threads that begin a group together want the same ones. */
    private final ReentrantLock fetching = new ReentrantLock();
    private final ArrayDeque<Block> inOrderOfReading = new ArrayDeque<>();
    private long bytes;

    /** @param blockCount blocks of the file, numbered from 0 */
    BlockCache(int blockCount, long mostBytes) {
        this.blocks = new AtomicReferenceArray<>(blockCount);
        this.mostBytes = mostBytes;
    }

    /**
     * The block of each of these numbers, in their order; a number may come several times.
     *
     * @param fetch reads blocks that are not here; gets at least one number, ascending, each once
     */
    Block[] get(int[] numbers, Function<int[], List<Block>> fetch) {
        @Nullable Block[] found = new @Nullable Block[numbers.length];
        if (!take(numbers, found)) {
            fetching.lock();
            try {
                if (!take(numbers, found)) {
                    fetched(numbers, found, fetch);
                }
            } finally {
                fetching.unlock();
            }
        }
        Block[] all = new Block[found.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = Objects.requireNonNull(found[i], "every block that was asked for");
        }
        return all;
    }

    /** Bytes held. */
    long bytes() {
        fetching.lock();
        try {
            return bytes;
        } finally {
            fetching.unlock();
        }
    }

    /** Takes what is here; whether that is all. */
    private boolean take(int[] numbers, @Nullable Block[] found) {
        boolean complete = true;
        for (int i = 0; i < numbers.length; i++) {
            if (found[i] == null) {
                found[i] = blocks.get(numbers[i]);
                complete &= found[i] != null;
            }
        }
        return complete;
    }

    private void fetched(int[] numbers, @Nullable Block[] found, Function<int[], List<Block>> fetch) {
        int[] missing = new int[numbers.length];
        int count = 0;
        for (int i = 0; i < numbers.length; i++) {
            if (found[i] == null) {
                missing[count++] = numbers[i];
            }
        }
        List<Block> read =
                fetch.apply(Arrays.stream(missing, 0, count).sorted().distinct().toArray());
        for (Block block : read) {
            blocks.set(block.number, block);
            inOrderOfReading.add(block);
            bytes += block.size();
        }
        take(numbers, found);
        while (bytes > mostBytes && !inOrderOfReading.isEmpty()) {
            Block eldest = inOrderOfReading.remove();
            blocks.set(eldest.number, null);
            bytes -= eldest.size();
        }
    }
}
