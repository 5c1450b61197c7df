package dev.millrace.batch;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Blocks that were read lately, the least lately used given up first; shared by all readers of a source, so that each block is
 * read once while it is in use. Thread-safe. Memory: the given bytes, and what the batches being made hold.
 */
final class BlockCache {
    /** A block: its bytes and where each of its rows begins, with the end of the last. */
    record Block(int number, byte[] bytes, int[] offsets) {
        private int size() {
            return bytes.length + offsets.length * Integer.BYTES;
        }
    }

    private final long mostBytes;
    private final Map<Integer, Block> blocks = new LinkedHashMap<>(16, 0.75f, true);
    /* Held while blocks are fetched: two threads that begin a group together want the same ones. */
    private final ReentrantLock fetching = new ReentrantLock();
    private long bytes;

    BlockCache(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /**
     * The blocks of these numbers, in their order.
     *
     * @param fetch reads blocks that are not here; gets at least one number, each once
     */
    Block[] get(int[] numbers, Function<List<Integer>, List<Block>> fetch) {
        @Nullable Block[] found = new @Nullable Block[numbers.length];
        if (fill(numbers, found).isEmpty()) {
            return complete(found);
        }
        fetching.lock();
        try {
            List<Integer> missing = fill(numbers, found);
            if (!missing.isEmpty()) {
                Map<Integer, Block> fetched = new LinkedHashMap<>();
                for (Block block : fetch.apply(missing)) {
                    fetched.put(block.number, block);
                }
                for (int i = 0; i < numbers.length; i++) {
                    if (found[i] == null) {
                        found[i] = fetched.get(numbers[i]);
                    }
                }
                add(fetched);
            }
        } finally {
            fetching.unlock();
        }
        return complete(found);
    }

    /** Bytes held. */
    synchronized long bytes() {
        return bytes;
    }

    /** Takes what is here; the numbers that are not. */
    private synchronized List<Integer> fill(int[] numbers, @Nullable Block[] found) {
        List<Integer> missing = new ArrayList<>();
        for (int i = 0; i < numbers.length; i++) {
            if (found[i] == null) {
                found[i] = blocks.get(numbers[i]);
                if (found[i] == null) {
                    missing.add(numbers[i]);
                }
            }
        }
        return missing;
    }

    private synchronized void add(Map<Integer, Block> fetched) {
        fetched.forEach((number, block) -> {
            if (blocks.put(number, block) == null) {
                bytes += block.size();
            }
        });
        Iterator<Block> eldest = blocks.values().iterator();
        while (bytes > mostBytes && eldest.hasNext()) {
            bytes -= eldest.next().size();
            eldest.remove();
        }
    }

    private static Block[] complete(@Nullable Block[] found) {
        Block[] all = new Block[found.length];
        for (int i = 0; i < found.length; i++) {
            Block block = found[i];
            if (block == null) {
                throw new IllegalStateException("Expected every block that was asked for.");
            }
            all[i] = block;
        }
        return all;
    }
}
