package dev.millrace.batch;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.training.dataset.Sampler;
import ai.djl.util.Progress;
import dev.millrace.Internal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A DJL dataset whose batches are read by one SQL statement each at most and decoded straight into a few NDArrays.
 *
 * <p>Where a file keeps many rows in one block, shuffling is by groups of blocks (docs/decisions/0011).
 *
 * <p>Works with {@code EasyTrain.fit}, a plain {@code Trainer} and {@code randomSplit}. Batches come in an order that is a
 * function of seed and epoch; the number of loader threads does not change it. They are made on the CPU; DJL moves each
 * array to the trainer's device once. A DJL executor is not needed and not used: loader threads are the dataset's own.
 *
 * <p>One epoch is iterated at a time: starting the next one ends an unfinished one. {@link #close()} stops the loader
 * threads, those of its subsets too, and closes the file; batches already handed out stay valid until they are closed
 * themselves.
 *
 * @param <R> the domain's row
 */
public class SqliteDataset<R> extends RandomAccessDataset implements EpochOrder, AutoCloseable {
    /** Batches that each loader thread keeps ready at most. */
    public static final int BATCHES_AHEAD_PER_THREAD = 4;

    private final RowSource<R> source;
    private final Collator<R> collator;
    private final int loaderThreads;
    private final List<SqliteDataset<R>> subsets = new ArrayList<>();
    private @Nullable BatchStream<R> current;
    private @Nullable BlockRuns runs;
    private final LongAdder reads = new LongAdder();
    private long nextEpoch;
    private long nextFirstBatch;

    /** @param source where the rows come from; closed with this dataset */
    @Internal
    protected SqliteDataset(Builder<?> builder, RowSource<R> source, Collator<R> collator) {
        super(builder);
        this.source = source;
        this.collator = collator;
        this.loaderThreads = builder.loaderThreads;
        if (builder.rank.world() > 1 && !(sampler instanceof SeededSampler)) {
            throw new IllegalStateException(
                    "Expected setSampling(batch size, shuffle) with optRank, found a sampler of its own order.");
        }
    }

    @Override
    public void prepare(@Nullable Progress progress) {
        // Everything is ready once the dataset is built.
    }

    /** Number of samples of the split. */
    @Override
    protected long availableSize() {
        return source.size();
    }

    /** The id, the primary key in the database, of the sample at a position. */
    public long id(long position) {
        return source.id(Math.toIntExact(position));
    }

    @Override
    public void setNextEpoch(long epoch, long firstBatch) {
        nextEpoch = epoch;
        nextFirstBatch = firstBatch;
    }

    @Override
    public String digest() {
        BlockLayout blocks = source.blocks();
        boolean byBlock = blocks != null && sampler instanceof SeededSampler seeded && seeded.shuffles();
        return source.digest() + " " + sampler + (byBlock ? " " + blocks : "") + " samples=" + size();
    }

    /**
     * How often rows were read for batches since the dataset was opened, each time with one statement at most: once per batch
     * at most, less often where several batches are read together.
     */
    public long reads() {
        return reads.sum();
    }

    /** Batches of an epoch with {@link #setNextEpoch} or the dataset's own sampler only. */
    public long batchesPerEpoch() {
        return sampler instanceof SeededSampler seeded
                ? seeded.batchCount(size())
                : new SampledPlan(sampler.sample(this), nextEpoch).batchCount();
    }

    /**
     * Starts an epoch.
     *
     * @param executor not used, see the class comment
     * @return the batches, to be iterated once; the iterator is {@link AutoCloseable} for who stops early
     */
    @Override
    public Iterable<Batch> getData(NDManager manager, Sampler sampler, @Nullable ExecutorService executor) {
        BatchStream.Plan plan = sampler instanceof SeededSampler seeded
                ? plan(seeded)
                : new SampledPlan(sampler.sample(this), nextEpoch);
        long firstBatch = nextFirstBatch;
        nextEpoch++;
        nextFirstBatch = 0;
        BatchStream<R> epoch;
        synchronized (this) {
            if (current != null) {
                current.close();
            }
            epoch = new BatchStream<>(
                    source,
                    collator,
                    plan,
                    manager,
                    Math.toIntExact(sampler instanceof SeededSampler seeded ? seeded.share(size()) : size()),
                    firstBatch,
                    loaderThreads,
                    reads,
                    dataBatchifier,
                    labelBatchifier);
            current = epoch;
        }
        return () -> epoch;
    }

    private BatchStream.Plan plan(SeededSampler order) {
        if (!order.shuffles()) {
            return new SeededPlan(order, nextEpoch);
        }
        source.beforeShuffledReads();
        BlockLayout blocks = source.blocks();
        return blocks == null
                ? new SeededPlan(order, nextEpoch)
                : new BlockPlan(order, runs(blocks), blocks, nextEpoch);
    }

    private synchronized BlockRuns runs(BlockLayout blocks) {
        if (runs == null) {
            runs = BlockRuns.of(blocks, source.ids(), Math.toIntExact(size()));
        }
        return runs;
    }

    /** One sample as a batch of one, without its batch axis removed: a graph has none. */
    @Override
    public Record get(NDManager manager, long index) {
        try (RowReader<R> reader = source.openReader()) {
            Collator.Slots slots = collator.collate(manager, reader.read(new long[] {id(index)}));
            return new Record(slots.data(), slots.labels());
        }
    }

    @Override
    protected RandomAccessDataset newSubDataset(int[] indices, int from, int to) {
        return subset(Arrays.copyOfRange(indices, from, to));
    }

    @Override
    protected RandomAccessDataset newSubDataset(List<Long> subIndices) {
        return subset(subIndices.stream().mapToInt(Math::toIntExact).toArray());
    }

    private synchronized SqliteDataset<R> subset(int[] positions) {
        SqliteDataset<R> subset = new SqliteDataset<>(this, positions);
        subsets.add(subset);
        return subset;
    }

    /** Chosen samples of another dataset, which stays the owner of the source. */
    private SqliteDataset(SqliteDataset<R> parent, int[] positions) {
        this(new SubsetBuilder(parent), new SubsetSource<>(parent.source, positions), parent.collator);
    }

    @Override
    public void close() {
        synchronized (this) {
            if (current != null) {
                current.close();
                current = null;
            }
            subsets.forEach(SqliteDataset::close);
        }
        source.close();
    }

    private final class SeededPlan implements BatchStream.Plan {
        private final SeededSampler order;
        private final long epoch;
        private final int size = Math.toIntExact(size());

        SeededPlan(SeededSampler order, long epoch) {
            this.order = order;
            this.epoch = epoch;
        }

        @Override
        public long epoch() {
            return epoch;
        }

        @Override
        public long batchCount() {
            return order.batchCount(size);
        }

        @Override
        public int[] positions(long batch) {
            return order.batch(size, epoch, batch);
        }
    }

    /** Shuffled block by block. */
    private static final class BlockPlan implements BatchStream.Plan {
        private final SeededSampler sampler;
        private final BlockShuffle order;
        private final int size;
        private final long epoch;

        BlockPlan(SeededSampler sampler, BlockRuns runs, BlockLayout blocks, long epoch) {
            this.sampler = sampler;
            this.order = new BlockShuffle(runs, blocks.groupBlocks(), sampler.seed(), epoch);
            this.size = runs.size();
            this.epoch = epoch;
        }

        @Override
        public long epoch() {
            return epoch;
        }

        @Override
        public long batchCount() {
            return sampler.batchCount(size);
        }

        @Override
        public int[] positions(long batch) {
            int count = sampler.batchLength(size, batch);
            int start = sampler.place(size, batch, 0);
            if (count <= size - start) {
                return order.positions(start, count);
            }
            int[] places = new int[count];
            for (int i = 0; i < count; i++) {
                places[i] = order.positions(sampler.place(size, batch, i), 1)[0];
            }
            return places;
        }
    }

    /** A sampler of the user's, drawn once: it may be random and may not know how many batches it gives. */
    private static final class SampledPlan implements BatchStream.Plan {
        private final List<int[]> batches = new ArrayList<>();

        private final long epoch;

        SampledPlan(Iterator<List<Long>> sampled, long epoch) {
            this.epoch = epoch;
            while (sampled.hasNext()) {
                batches.add(sampled.next().stream().mapToInt(Math::toIntExact).toArray());
            }
        }

        @Override
        public long epoch() {
            return epoch;
        }

        @Override
        public long batchCount() {
            return batches.size();
        }

        @Override
        public int[] positions(long batch) {
            return batches.get((int) batch);
        }
    }

    private static final class SubsetBuilder extends Builder<SubsetBuilder> {
        SubsetBuilder(SqliteDataset<?> parent) {
            setSampling(parent.sampler);
            optLoaderThreads(parent.loaderThreads);
            optDataBatchifier(parent.dataBatchifier);
            optLabelBatchifier(parent.labelBatchifier);
        }

        @Override
        protected SubsetBuilder self() {
            return this;
        }
    }

    /**
     * What the builders of all datasets share, in DJL's words: {@code set} is required, {@code opt} is optional.
     *
     * @param <B> the concrete builder
     */
    public abstract static class Builder<B extends Builder<B>> extends BaseBuilder<B> {
        private static final int DEFAULT_LOADER_THREADS = 1;
        private static final int STREAMS_AT_A_TIME = 4;

        private int loaderThreads = DEFAULT_LOADER_THREADS;
        private long seed;
        private int batchSize;
        private boolean shuffle;
        private boolean dropLast;
        private boolean mapped;
        private RankShare rank = RankShare.WHOLE;
        private Split split = Split.ALL;

        /** Which part of the dataset; all of it by default. */
        public B optSplit(Split value) {
            split = value;
            return self();
        }

        /** Batches of {@code size} samples, in order or shuffled by seed and epoch. */
        @Override
        public B setSampling(int size, boolean random) {
            return setSampling(size, random, false);
        }

        /** As {@link #setSampling(int, boolean)}; {@code drop} leaves out a last batch that is not full. */
        @Override
        public B setSampling(int size, boolean random, boolean drop) {
            batchSize = size;
            shuffle = random;
            dropLast = drop;
            return reseed();
        }

        /** Seed of the shuffled order, 0 by default. */
        public B optSeed(long value) {
            seed = value;
            return batchSize == 0 ? self() : reseed();
        }

        /**
         * Reads one rank's part of every epoch of a distributed training: batch {@code k} of rank {@code r} is batch
         * {@code k · world + r} of the global order, which is that of seed and epoch. All ranks have equally many samples and none
         * in common, but those that {@link Remainder#PAD} gives twice; the last batch may be smaller, on all ranks alike. Needs
         * {@code setSampling(int, boolean)}. Batches per epoch, and those of {@code setNextEpoch}, are the rank's own.
         *
         * @param rank from 0
         * @param world number of ranks
         * @param remainder what becomes of samples that cannot be divided by {@code world}
         */
        public B optRank(int rank, int world, Remainder remainder) {
            this.rank = new RankShare(rank, world, remainder);
            return batchSize == 0 ? self() : reseed();
        }

        /** Background threads that load ahead; 0 loads on the caller's thread. 1 by default. */
        public B optLoaderThreads(int count) {
            if (count < 0) {
                throw new IllegalArgumentException("Expected loader threads ≥ 0, found " + count + ".");
            }
            loaderThreads = count;
            return self();
        }

        /** Reads through mmap: faster, but the JVM dies if the file is truncated meanwhile. Off by default. */
        public B optMapped(boolean value) {
            mapped = value;
            return self();
        }

        @Override
        public B optDevice(@Nullable Device ignored) {
            throw new IllegalArgumentException(
                    "Expected no device here: batches are made on the CPU, and the trainer moves them to its own.");
        }

        @Internal
        protected final Split split() {
            return split;
        }

        /** Rank of {@link #optRank}; 0 without. */
        @Internal
        protected final int rank() {
            return rank.rank();
        }

        @Internal
        protected final boolean mapped() {
            return mapped;
        }

        /**
         * Connections that this dataset may need at a time: the loader threads of its own epoch and those of subsets that
         * run beside it, and single {@code get}s. Each is opened when it is first needed.
         */
        @Internal
        protected final int readers() {
            return STREAMS_AT_A_TIME * Math.max(1, loaderThreads) + 2;
        }

        private B reseed() {
            return setSampling(new SeededSampler(seed, batchSize, shuffle, dropLast, rank));
        }
    }
}
