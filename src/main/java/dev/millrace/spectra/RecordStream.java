package dev.millrace.spectra;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The records of an MSP file as a dataset takes them: numbered in input order, a second record with the same id and
 * records without a peak in range rejected, perhaps a random subset only. One thread at a time; who opens it closes it.
 *
 * <p>Memory: the ids seen so far.
 */
final class RecordStream implements Iterator<RecordStream.Entry>, Closeable {
    /**
     * A record or a reject.
     *
     * @param id key of a record, from 1; 0 for a reject
     */
    record Entry(long id, MspEntry content) {}

    private final String fileName;
    private final long fileSize;
    private final MspReader reader;
    private final SpectrumOptions options;
    private final @Nullable BitSet chosen;
    private final @Nullable StoredRecords stored;
    private final long lastId;
    private final Set<String> seen = new HashSet<>();
    private int read;
    private long rejected;
    private long alreadyStored;
    private long numbered;
    private @Nullable Entry next;

    private RecordStream(
            Path msp, SpectrumOptions options, @Nullable BitSet chosen, @Nullable StoredRecords stored, long lastId)
            throws IOException {
        this.fileName = String.valueOf(msp.getFileName());
        this.fileSize = Files.size(msp);
        this.reader = MspReader.open(msp);
        this.options = options;
        this.chosen = chosen;
        this.stored = stored;
        this.lastId = lastId;
    }

    /**
     * Opens a file.
     *
     * @param maxSamples number of records to take at random, by {@code seed}; 0 for all. A subset reads the file twice.
     */
    static RecordStream open(Path msp, SpectrumOptions options, int maxSamples, long seed) throws IOException {
        return open(msp, options, maxSamples, seed, null, 0);
    }

    /**
     * Opens a file whose records are to be added to others: those that are there already are passed over.
     *
     * @param stored what is there; null for nothing
     * @param lastId the largest id there; the records get those after it
     */
    static RecordStream open(
            Path msp, SpectrumOptions options, int maxSamples, long seed, @Nullable StoredRecords stored, long lastId)
            throws IOException {
        if (maxSamples == 0) {
            return new RecordStream(msp, options, null, stored, lastId);
        }
        int usable;
        try (RecordStream all = new RecordStream(msp, options, null, stored, lastId)) {
            all.forEachRemaining(entry -> {});
            usable = all.read;
        }
        return new RecordStream(msp, options, choose(usable, maxSamples, seed), stored, lastId);
    }

    /** Every subset of {@code count} is equally likely. */
    private static BitSet choose(int of, int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        BitSet chosen = new BitSet(of);
        int missing = Math.min(count, of);
        for (int position = 0; position < of; position++) {
            if (random.nextInt(of - position) < missing) {
                chosen.set(position);
                missing--;
            }
        }
        return chosen;
    }

    @Override
    public boolean hasNext() {
        try {
            while (next == null) {
                MspEntry entry = reader.next();
                if (entry == null) {
                    return false;
                }
                next = admit(entry);
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Entry next() {
        Entry entry = hasNext() ? next : null;
        if (entry == null) {
            throw new NoSuchElementException();
        }
        next = null;
        return entry;
    }

    /** Null for a record that is not in the subset, or there already. */
    private @Nullable Entry admit(MspEntry entry) {
        if (!(entry instanceof MspRecord record)) {
            rejected++;
            return new Entry(0, entry);
        }
        String id = record.sourceId();
        if (id != null && !seen.add(id)) {
            return reject(record, MspReject.Reason.DUPLICATE_ID, "expected an ID once, found it again");
        }
        StoredRecords.Match match = stored == null ? StoredRecords.Match.NONE : stored.match(record);
        if (match == StoredRecords.Match.SAME) {
            alreadyStored++;
            return null;
        } else if (match == StoredRecords.Match.OTHER) {
            return reject(
                    record,
                    MspReject.Reason.DUPLICATE_ID,
                    "expected an ID that the database has not, or its record, found another record");
        }
        if (options.isEmpty(record.peaks())) {
            return reject(
                    record,
                    MspReject.Reason.OUT_OF_RANGE,
                    "expected a peak in the range of " + options + ", found none");
        }
        int position = read++;
        return chosen == null || chosen.get(position) ? new Entry(lastId + ++numbered, record) : null;
    }

    private Entry reject(MspRecord record, MspReject.Reason reason, String detail) {
        rejected++;
        return new Entry(0, new MspReject(fileName, record.line(), record.sourceId(), reason, detail));
    }

    /** Records in the file so far: {@link #read()} + {@link #rejected()} + {@link #alreadyStored()}. */
    long present() {
        return reader.records();
    }

    long read() {
        return read;
    }

    long rejected() {
        return rejected;
    }

    /** Records that the database has already. */
    long alreadyStored() {
        return alreadyStored;
    }

    long strayBlocks() {
        return reader.strayBlocks();
    }

    /** How many records the whole file gives, judging by the part read so far. */
    long estimatedTotal() {
        long bytes = reader.bytesRead();
        return bytes == 0 ? 0 : Math.round((double) numbered * Math.max(fileSize, bytes) / bytes);
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
