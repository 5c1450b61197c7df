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
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongPredicate;
import java.util.function.LongToDoubleFunction;
import java.util.function.UnaryOperator;
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
    private final @Nullable WeightedDraw draw;
    private final long unfilteredSize;
    private final List<SqliteDataset<R>> subsets = new ArrayList<>();
    private @Nullable BatchStream<R> current;
    private @Nullable BlockRuns runs;
    private final LongAdder reads = new LongAdder();
    private long nextEpoch;
    private long nextFirstBatch;

    /** @param source where the rows come from; closed with this dataset */
    @Internal
    protected SqliteDataset(Builder<?> builder, RowSource<R> source, Collator<R> collator) {
        this(builder, source, UnaryOperator.identity(), collator);
    }

    /**
     * For a dataset that may keep its rows in memory.
     *
     * @param source where the rows come from; closed with this dataset
     * @param cache told the samples that the dataset has, gives back what to read them from; closes what it was told with that
     */
    @Internal
    protected SqliteDataset(
            Builder<?> builder, RowSource<R> source, UnaryOperator<RowSource<R>> cache, Collator<R> collator) {
        super(builder);
        RowSource<R> chosen = builder.choice.filtered(source);
        this.unfilteredSize = source.size();
        this.draw = builder.choice.draw(chosen, Math.toIntExact(Math.min(limit, chosen.size())));
        this.source = cache.apply(chosen);
        this.collator = collator;
        this.loaderThreads = builder.loaderThreads;
        if (builder.rank.world() > 1 && !(sampler instanceof SeededSampler)) {
            throw new IllegalStateException(
                    "Expected setSampling(batch size, shuffle) with optRank, found a sampler of its own order.");
        }
        if (draw != null && !(sampler instanceof SeededSampler seeded && seeded.shuffles())) {
            throw new IllegalStateException(
                    "Expected setSampling(batch size, true) with optWeights, found samples in an order of their own.");
        }
    }

    /** Chosen samples of another dataset, which stays the owner of the source. */
    private SqliteDataset(SqliteDataset<R> parent, int[] positions) {
        super(new SubsetBuilder(parent));
        this.unfilteredSize = parent.unfilteredSize;
        this.draw = parent.draw == null ? null : parent.draw.among(positions);
        this.source = SubsetSource.part(parent.source, positions);
        this.collator = parent.collator;
        this.loaderThreads = parent.loaderThreads;
    }

    @Override
    public void prepare(@Nullable Progress progress) {
        // Everything is ready once the dataset is built.
    }

    /** Number of samples: those of the split that the filter keeps. */
    @Override
    protected long availableSize() {
        return source.size();
    }

    /** Number of samples of the split before the filter; of a subset, that of the dataset it was taken from. */
    public long unfilteredSize() {
        return unfilteredSize;
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
        return source.digest() + " " + sampler + (byBlock ? " " + blocks : "") + (draw == null ? "" : " " + draw)
                + " samples=" + size();
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
                ? seeded.batchCount(epochSize())
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
                ? new SeededPlan(seeded, order(seeded), epochSize(), nextEpoch)
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
                    Math.toIntExact(sampler instanceof SeededSampler seeded ? seeded.share(epochSize()) : size()),
                    firstBatch,
                    loaderThreads,
                    reads,
                    dataBatchifier,
                    labelBatchifier);
            current = epoch;
        }
        return () -> epoch;
    }

    /**
     * The first samples in order, as the next epoch would have them, beside an epoch under way; neither counts as one.
     *
     * @return to be closed by who stops early
     */
    BatchStream<R> inOrder(NDManager manager, int batchSize, int count) {
        BatchStream.Plan plan = new OrderedPlan(nextEpoch, batchSize, count);
        return new BatchStream<>(
                source, collator, plan, manager, count, 0, loaderThreads, reads, dataBatchifier, labelBatchifier);
    }

    /** The arrays of no sample. */
    Collator.Slots none(NDManager manager) {
        return collator.collate(manager, List.of());
    }

    /** Whether the arrays of a batch have a row, or a graph, for each sample in order. */
    boolean keepsSamplesApart() {
        return collator.keepsSamplesApart();
    }

    /** Whether the data of a batch are graphs, as {@link GraphArrays} has them. */
    boolean hasGraphs() {
        return dataBatchifier == GraphBatchifier.GRAPHS;
    }

    /** Samples of an epoch, on all ranks together. */
    private int epochSize() {
        return draw == null ? Math.toIntExact(size()) : draw.count();
    }

    private PlaceOrder order(SeededSampler seeded) {
        if (!seeded.shuffles()) {
            return seeded.order(epochSize(), nextEpoch);
        }
        source.beforeShuffledReads();
        BlockLayout blocks = source.blocks();
        if (draw == null) {
            return blocks == null
                    ? seeded.order(epochSize(), nextEpoch)
                    : new BlockShuffle(runs(blocks), blocks.groupBlocks(), seeded.seed(), nextEpoch);
        }
        PlaceOrder drawn = draw.order(seeded.seed(), nextEpoch);
        return blocks == null ? drawn : byBlock(drawn, blocks, seeded);
    }

    /* What the epoch draws is drawn at once and shuffled as samples are: in the order drawn, each batch would need all blocks. */
    private PlaceOrder byBlock(PlaceOrder drawn, BlockLayout blocks, SeededSampler seeded) {
        int[] positions = drawn.positions(0, epochSize());
        BlockRuns own = BlockRuns.of(blocks, place -> source.id(positions[place]), positions.length);
        return new BlockShuffle(own, blocks.groupBlocks(), seeded.seed(), nextEpoch).within(positions);
    }

    private synchronized BlockRuns runs(BlockLayout blocks) {
        if (runs == null) {
            runs = BlockRuns.of(blocks, source::id, Math.toIntExact(size()));
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
        private final SampleChoice choice = new SampleChoice();

        /** Which part of the dataset; all of it by default. */
        public B optSplit(Split value) {
            split = value;
            return self();
        }

        /**
         * Keeps the samples of the split whose ids a query yields; their order stays.
         *
         * <p>The query is one SELECT of one INTEGER column over the file that the samples are in, run once, when the dataset is
         * opened, on a connection that cannot write. What it yields beside ids of the split is passed over. Statistics that a
         * dataset tells, a mean to scale by for example, stay those of the whole split. Together with
         * {@link #optFilter(LongPredicate)} both must hold. Building throws {@link SampleQueryException} if the query does not
         * fit; a filter that keeps nothing gives an empty dataset.
         */
        public B optFilter(String sql) {
            choice.filter(sql);
            return self();
        }

        /** Keeps the samples of the split whose ids ({@link SqliteDataset#id}) pass a test; asked once each, when opened. */
        public B optFilter(LongPredicate keeps) {
            choice.filter(keeps);
            return self();
        }

        /**
         * Draws the samples of each epoch at random with replacement, with a probability in proportion to their weights; what
         * comes is a function of seed and epoch. Needs {@code setSampling(batch size, true)}. Subsets draw by the same weights.
         * Of a file that keeps rows in blocks, all that an epoch draws is drawn when it begins, 16 bytes a sample, and then
         * shuffled block by block.
         *
         * <p>The query is one SELECT of two columns, id and weight, as in {@link #optFilter(String)}. Each sample needs a
         * weight, finite and ≥ 0, and some must be above 0; building throws {@link SampleQueryException} otherwise. Memory: 9
         * bytes a sample.
         */
        public B optWeights(String sql) {
            choice.weights(sql);
            return self();
        }

        /** As {@link #optWeights(String)}, by a function of the id ({@link SqliteDataset#id}); asked once for each sample. */
        public B optWeights(LongToDoubleFunction ofId) {
            choice.weights(ofId);
            return self();
        }

        /** How many samples an epoch draws by {@code optWeights}, on all ranks together; as many as there are by default. */
        public B optEpochSamples(int count) {
            choice.epochSamples(count);
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
         * in common, but those that {@link Remainder#PAD} or {@code optWeights} gives twice; the last batch may be smaller, on all ranks alike. Needs
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
