package dev.millrace.genome;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.StackBatchifier;
import dev.millrace.batch.Collator;
import dev.millrace.batch.NdArrays;
import dev.millrace.batch.SqliteDataset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Windows of genomes as tokens of a causal model, in DJL batches.
 *
 * <p>For {@code B} windows of {@code W} tokens:
 *
 * <pre>
 *   data[0]  tokens          int64   [B, W]        int32 if asked for; so are position ids and labels
 *   data[1]  position_ids    int64   [B, W]        0, 1, … W − 1 in each row, one row in memory; may be left out
 *   data[ ]  attention_mask  boolean [B, 1, W, W]  only if asked for: true above the diagonal, what a token must not see; one
 *                                                  square in memory for all batches, not to be changed
 *   label[0] labels          int64   [B, W]        the token that follows; PAD at the end
 *   label[1] loss_mask       float32 [B, W]        1 where the label counts, else 0
 * </pre>
 *
 * <p>Packed batches ({@code optPacking}) have {@code R ≤ B} rows, each of several short windows behind each other: {@code [R, W]}
 * arrays, position ids from 0 in each window, and {@code data[2] segment_boundaries} int32 {@code [R, S + 1]}: where each window of
 * a row begins and the last one ends, repeated up to the most windows {@code S} of a row.
 *
 * <p>What is random in a window is a function of seed, epoch and window: it is the same on every thread, rank and restart.
 *
 * <p>Filters and weights go by {@code window_idx}. Whatever the windows are kept in, a query finds them in a table
 * {@code window_mappings (window_idx, sequence_id, window_in_seq_idx)}, beside the tables of the store if there is one:
 * {@code SELECT window_idx FROM window_mappings WHERE sequence_id = 'chr1'}.
 *
 * <p>One epoch at a time. Who builds it closes it. Memory does not depend on the number of windows, unless there is a filter (8
 * bytes for each it keeps) or weights (9 bytes for each). Cost per batch: one statement
 * from a store; from a sharded folder one for its windows and two per sample in it.
 *
 * {@snippet :
 * try (WindowDataset train = WindowDataset.builder()
 *         .setSequences(Path.of("genomes.db")).optSplit(Split.TRAIN)
 *         .setSampling(8, true).optSeed(42).build()) {
 *     EasyTrain.fit(trainer, 1, train, validation);
 * }
 * }
 */
public final class WindowDataset extends SqliteDataset<Window> {
    private static final Logger LOG = LoggerFactory.getLogger(WindowDataset.class);

    /** From this window size on an attention mask is a burden: 16 MiB on the device, and its row in every batch. */
    static final int LARGE_MASK = 4096;

    private final WindowSource source;
    private final WindowFormat format;
    private final WindowCollator collator;

    private WindowDataset(Builder builder, WindowSource source, WindowFormat format, WindowCollator collator) {
        super(builder, source, collator);
        this.source = source;
        this.format = format;
        this.collator = collator;
    }

    /** Starts with {@code setSequences}, then {@code setSampling}. */
    public static Builder builder() {
        return new Builder();
    }

    /** How windows become tokens. */
    public WindowFormat format() {
        return format;
    }

    /** Where windows lie in their contigs. */
    public WindowGeometry geometry() {
        return source.geometry();
    }

    /** Contigs with windows. */
    public long contigs() {
        return source.contigs();
    }

    @Override
    public void close() {
        super.close();
        collator.close();
    }

    /** Windows to arrays. Thread-safe; closed with the dataset, whose batches stay valid. */
    private static final class WindowCollator implements Collator<Window>, AutoCloseable {
        private final WindowFormat format;
        private final boolean int32;
        private final boolean positionIds;
        private final boolean attentionMask;
        private final boolean packing;
        private final @Nullable WindowAccessLog log;
        private @Nullable NDArray mask;

        WindowCollator(Builder builder, WindowFormat format, @Nullable WindowAccessLog log) {
            this.format = format;
            this.packing = builder.packing;
            this.log = log;
            this.int32 = builder.int32;
            this.positionIds = builder.positionIds;
            this.attentionMask = builder.attentionMask;
        }

        @Override
        public Collator.Slots collate(NDManager manager, List<Window> windows) {
            if (log != null) {
                windows.forEach(log::add);
            }
            if (packing) {
                return packed(manager, windows);
            }
            Shape shape = new Shape(windows.size(), format.windowSize());
            DataType type = int32 ? DataType.INT32 : DataType.INT64;
            NDArray tokens = NdArrays.named("tokens", NdArrays.empty(manager, shape, type));
            NDArray labels = NdArrays.named("labels", NdArrays.empty(manager, shape, type));
            NDArray lossMask = NdArrays.named("loss_mask", NdArrays.empty(manager, shape, DataType.FLOAT32));
            ByteBuffer tokenBytes = NdArrays.bytes(tokens);
            ByteBuffer labelBytes = NdArrays.bytes(labels);
            ByteBuffer maskBytes = NdArrays.bytes(lossMask);
            for (Window window : windows) {
                format.encode(window, tokenBytes, labelBytes, maskBytes, int32);
            }
            NDList data = new NDList(tokens);
            if (positionIds) {
                data.add(NdArrays.named("position_ids", positions(manager, type, shape)));
            }
            if (attentionMask) {
                data.add(NdArrays.named("attention_mask", mask(manager, windows.size())));
            }
            return new Collator.Slots(data, new NDList(labels, lossMask));
        }

        @Override
        public boolean keepsSamplesApart() {
            return !packing;
        }

        private Collator.Slots packed(NDManager manager, List<Window> windows) {
            int size = format.windowSize();
            WindowPacking plan = WindowPacking.plan(
                    size, windows.stream().mapToInt(format::tokens).toArray(), WindowPacking.DEFAULT_OPEN_ROWS);
            // Windows without a token are in no row; a batch of nothing else is one row of padding.
            List<WindowPacking.Row> rows =
                    plan.rows().isEmpty() ? List.of(new WindowPacking.Row(new int[0], new int[1])) : plan.rows();
            Shape shape = new Shape(rows.size(), size);
            DataType type = int32 ? DataType.INT32 : DataType.INT64;
            NDArray tokens = NdArrays.named("tokens", NdArrays.empty(manager, shape, type));
            NDArray positions = NdArrays.named("position_ids", NdArrays.empty(manager, shape, type));
            NDArray labels = NdArrays.named("labels", NdArrays.empty(manager, shape, type));
            NDArray lossMask = NdArrays.named("loss_mask", NdArrays.empty(manager, shape, DataType.FLOAT32));
            ByteBuffer tokenBytes = NdArrays.bytes(tokens);
            ByteBuffer labelBytes = NdArrays.bytes(labels);
            ByteBuffer maskBytes = NdArrays.bytes(lossMask);
            ByteBuffer positionBytes = NdArrays.bytes(positions);
            for (WindowPacking.Row row : rows) {
                plan.encode(format, windows, row, tokenBytes, labelBytes, maskBytes, positionBytes, int32);
            }
            return new Collator.Slots(
                    new NDList(tokens, positions, boundaries(manager, rows)), new NDList(labels, lossMask));
        }

        private static NDArray boundaries(NDManager manager, List<WindowPacking.Row> rows) {
            int most =
                    rows.stream().mapToInt(row -> row.boundaries().length).max().orElse(1);
            Shape shape = new Shape(rows.size(), most);
            return NdArrays.named("segment_boundaries", NdArrays.filled(manager, shape, DataType.INT32, out -> {
                for (WindowPacking.Row row : rows) {
                    for (int i = 0; i < most; i++) {
                        out.putInt(row.boundaries()[Math.min(i, row.boundaries().length - 1)]);
                    }
                }
            }));
        }

        /* One row, seen B times: a step of 0 leads from one to the next. */
        private NDArray positions(NDManager manager, DataType type, Shape shape) {
            int size = format.windowSize();
            NDArray row = NdArrays.filled(manager, new Shape(1, size), type, out -> {
                for (int i = 0; i < size; i++) {
                    if (int32) {
                        out.putInt(i);
                    } else {
                        out.putLong(i);
                    }
                }
            });
            return row.broadcast(shape);
        }

        private NDArray mask(NDManager manager, int count) {
            int size = format.windowSize();
            NDArray view;
            synchronized (this) {
                if (mask == null) {
                    NDManager own = NDManager.newBaseManager();
                    mask = NdArrays.filled(own, new Shape(1, 1, size, size), DataType.BOOLEAN, out -> {
                        for (int row = 0; row < size; row++) {
                            for (int column = 0; column < size; column++) {
                                out.put((byte) (column > row ? 1 : 0));
                            }
                        }
                    });
                }
                view = mask.broadcast(new Shape(count, 1, size, size));
            }
            view.attach(manager);
            return view;
        }

        @Override
        public synchronized void close() {
            if (mask != null) {
                mask.getManager().close();
                mask = null;
            }
            if (log != null) {
                log.close();
            }
        }
    }

    /** Builds a {@link WindowDataset}. One thread at a time. Values not set are those of the original. */
    public static final class Builder extends SqliteDataset.Builder<Builder> {
        private final List<Consumer<WindowFormat.Builder>> changes = new ArrayList<>();
        private @Nullable Path sequences;
        private @Nullable Path windows;
        private @Nullable WindowFormat format;
        private int windowSize = WindowGeometry.DEFAULT_WINDOW_SIZE;
        private int stride = WindowGeometry.DEFAULT_STRIDE;
        private int minLength;
        private long seed;
        private boolean int32;
        private boolean positionIds = true;
        private boolean attentionMask;
        private boolean packing;
        private @Nullable Path logFolder;
        private int sampleConnections = WindowSource.DEFAULT_SAMPLE_CONNECTIONS;
        private long cacheBytes;

        private Builder() {
            optDataBatchifier(new StackBatchifier());
            optLabelBatchifier(new StackBatchifier());
        }

        /** Reads bases from a genome store, or from a folder of one file per sample. */
        public Builder setSequences(Path value) {
            sequences = value;
            return this;
        }

        /** Windows of a window database; by default those of the store itself, of {@link #optSplit}. */
        public Builder optWindows(Path value) {
            windows = value;
            return this;
        }

        /** Tokens of a window, {@code seq_length} of the original; 8192 by default. Windows of another size are refused. */
        public Builder optWindowSize(int value) {
            windowSize = value;
            return this;
        }

        /** Bases from one window to the next, 7992 by default, 0 for what the windows have. Others are refused. */
        public Builder optStride(int value) {
            stride = value;
            return this;
        }

        /** Threshold that windows were pruned by; 0, unpruned, by default, −1 for what the windows have. Others are refused. */
        public Builder optMinLength(int value) {
            minLength = value;
            return this;
        }

        /** How windows become tokens, in place of {@code optWindowSize} and the options of a format below. */
        public Builder optFormat(WindowFormat value) {
            format = value;
            return this;
        }

        /** Whether a window starts with BOS; on by default. */
        public Builder optIncludeBos(boolean value) {
            return change(own -> own.optIncludeBos(value));
        }

        /** Whether EOS follows the bases; on by default. */
        public Builder optIncludeEos(boolean value) {
            return change(own -> own.optIncludeEos(value));
        }

        /** Whether a tag of its contig starts a window; off by default. */
        public Builder optControlTags(boolean value) {
            return change(own -> own.optControlTags(value));
        }

        /** When windows are read from the other strand; never by default. The original's {@code rc_aug} is RANDOM. */
        public Builder optReverseComplement(RcMode value) {
            return change(own -> own.optReverseComplement(value));
        }

        /** Which labels count in the loss. */
        public Builder optLossPolicy(LossPolicy value) {
            return change(own -> own.optLossPolicy(value));
        }

        /** Numbers of the tokens. */
        public Builder optTokenIds(TokenIds value) {
            return change(own -> own.optTokenIds(value));
        }

        private Builder change(Consumer<WindowFormat.Builder> own) {
            changes.add(own);
            return this;
        }

        /** Seed of the shuffled order and of what is random in windows, 0 by default. */
        @Override
        public Builder optSeed(long value) {
            seed = value;
            return super.optSeed(value);
        }

        /** Whether tokens, labels and position ids are int32, half the memory; off by default. */
        public Builder optInt32(boolean value) {
            int32 = value;
            return this;
        }

        /** Whether batches have position ids; on by default. */
        public Builder optPositionIds(boolean value) {
            positionIds = value;
            return this;
        }

        /** Whether batches have an attention mask; off by default: a causal model makes its own. */
        public Builder optAttentionMask(boolean value) {
            attentionMask = value;
            return this;
        }

        /**
         * Whether short windows share rows; off by default. A causal model must not look across {@code segment_boundaries}. The
         * windows of a batch are packed among themselves, so that order, ranks and resuming stay as they are.
         */
        public Builder optPacking(boolean value) {
            packing = value;
            return this;
        }

        /** Folder for a CSV file of the windows that are read, {@link WindowAccessLog}; none by default. */
        public Builder optLogWindows(Path value) {
            logFolder = value;
            return this;
        }

        /** Files of a sharded folder that are open at a time, 64 by default. */
        public Builder optSampleConnections(int value) {
            sampleConnections = value;
            return this;
        }

        /** Bytes of contigs of a sharded folder to keep in memory; none by default. */
        public Builder optCacheBytes(long value) {
            cacheBytes = value;
            return this;
        }

        @Override
        protected Builder self() {
            return this;
        }

        /**
         * Opens sequences and windows.
         *
         * @throws IllegalStateException unless {@code setSequences} was called
         * @throws IllegalArgumentException if options contradict each other
         * @throws dev.millrace.sqlite.SchemaMismatchException telling everything that does not fit together
         * @throws dev.millrace.sqlite.DatabaseException if a file cannot be read
         */
        public WindowDataset build() {
            if (sequences == null) {
                throw new IllegalStateException("Expected setSequences, found no sequences.");
            }
            if (packing && attentionMask) {
                throw new IllegalArgumentException("Expected optPacking or optAttentionMask, found both: the mask of a"
                        + " window would let tokens see those of the window before.");
            }
            WindowFormat own = ownFormat();
            if (attentionMask && own.windowSize() >= LARGE_MASK) {
                LOG.warn(
                        "An attention mask of {} × {} takes {} MiB on the device for every window; a causal model needs none.",
                        own.windowSize(),
                        own.windowSize(),
                        ((long) own.windowSize() * own.windowSize()) >> 20);
            }
            WindowSource source = WindowSource.open(new WindowSource.Options(
                    sequences,
                    windows,
                    split(),
                    own,
                    stride,
                    minLength,
                    readers(),
                    mapped(),
                    sampleConnections,
                    cacheBytes));
            WindowCollator collator = null;
            try {
                collator = new WindowCollator(this, own, log());
                return new WindowDataset(this, source, own, collator);
            } catch (RuntimeException e) {
                if (collator != null) {
                    collator.close();
                }
                source.close();
                throw e;
            }
        }

        private @Nullable WindowAccessLog log() {
            if (logFolder == null) {
                return null;
            }
            try {
                return WindowAccessLog.open(logFolder, split().id(), rank(), WindowAccessLog.DEFAULT_FLUSH_INTERVAL);
            } catch (IOException e) {
                throw new UncheckedIOException("optLogWindows: cannot log to " + logFolder + ": " + e.getMessage(), e);
            }
        }

        private WindowFormat ownFormat() {
            if (format != null) {
                if (!changes.isEmpty()) {
                    throw new IllegalArgumentException("Expected optFormat or single options of a format, found both.");
                }
                return format;
            }
            WindowFormat.Builder builder = WindowFormat.builder(windowSize).optSeed(seed);
            changes.forEach(change -> change.accept(builder));
            return builder.build();
        }
    }
}
