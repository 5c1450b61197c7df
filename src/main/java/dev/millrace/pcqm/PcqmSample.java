package dev.millrace.pcqm;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.LongConsumer;

/**
 * Synthetic molecules with a synthetic HOMO-LUMO gap in the layout of PCQM4Mv2's {@code data.csv.gz}: columns
 * {@code idx,smiles,homolumogap}, the gap in eV, empty where there is none. Molecules have valid valences but need not exist.
 * The layout has no room for a remark, so a gzip file says in the comment of its header that it is synthetic; a plain file
 * cannot.
 *
 * <p>Molecule {@code idx} depends on the seed and on {@code idx} only, so a larger count begins with the molecules of a smaller
 * one, and leaving out gaps changes nothing else. The same options give the same bytes. Immutable, thread-safe. Cost: about
 * 4 µs per molecule on one thread; memory: constant.
 *
 * @param count molecules, ≥ 1
 * @param firstIdx idx of the first one, ≥ 0
 * @param seed of all draws
 * @param unlabelled share of molecules without a gap, 0 … 1
 * @param hideTest whether the molecules of the data set's own test splits (idx ≥ 3,452,151) have no gap, as in the real file
 */
public record PcqmSample(long count, long firstIdx, long seed, double unlabelled, boolean hideTest) {
    /** First idx of the data set's own {@code test-dev}; {@code test-challenge} follows. */
    private static final long FIRST_TEST_IDX = 3_452_151;

    /** What the build reads has at most 18 digits. */
    private static final long IDX_LIMIT = 1_000_000_000_000_000_000L;

    private static final String REMARK = "SYNTHETIC, not PCQM4Mv2: made by 'millrace sample pcqm', seed ";
    private static final byte[] HEAD = "idx,smiles,homolumogap\n".getBytes(StandardCharsets.US_ASCII);
    private static final int CHUNK = 1 << 16;
    private static final int GAP_DIGITS = 10;
    private static final long GAP_UNIT = 10_000_000_000L;

    // What draws are for: each purpose has a stream of its own.
    private static final int GROWTH = 0;
    private static final int STEREO = 1;
    private static final int GAP = 2;
    private static final int LABEL = 3;

    /** @throws IllegalArgumentException naming what is outside its range */
    public PcqmSample {
        if (count < 1 || firstIdx < 0 || !(unlabelled >= 0 && unlabelled <= 1)) {
            throw new IllegalArgumentException(
                    "Expected a count ≥ 1, a first idx ≥ 0 and a share of molecules without a gap" + " 0..1, found "
                            + count + ", " + firstIdx + " and " + unlabelled + ".");
        }
        if (count > IDX_LIMIT - firstIdx) {
            throw new IllegalArgumentException("Expected a last idx below " + IDX_LIMIT + ", found a count of " + count
                    + " from idx " + firstIdx + " on.");
        }
    }

    /** Whether a file says in its gzip header that {@link #write} made it. */
    static boolean isSynthetic(Path file) throws IOException {
        String remark = GzipWithRemark.remarkOf(file);
        return remark != null && remark.startsWith(REMARK);
    }

    /**
     * Writes {@code file}: gzip if its name ends in {@code .gz}, else plain. It appears whole or not at all; an existing file is
     * replaced.
     *
     * @param done is told now and then how many molecules are written, on the calling thread
     */
    public void write(Path file, LongConsumer done) throws IOException {
        Path target = file.toAbsolutePath().normalize();
        Path partial = target.resolveSibling(target.getFileName() + ".partial");
        try {
            try (OutputStream out = output(partial, target.toString().endsWith(".gz"))) {
                write(out, done);
            }
            try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (InterruptedIOException | ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            String reason = e instanceof FileSystemException named ? named.getReason() : e.getMessage();
            throw new IOException(
                    "Cannot write " + file + ": " + reason + ". Free some space or choose another folder.", e);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    private OutputStream output(Path partial, boolean gzip) throws IOException {
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(partial), CHUNK);
        return gzip ? new GzipWithRemark(out, REMARK + seed) : out;
    }

    private void write(OutputStream out, LongConsumer done) throws IOException {
        SyntheticMolecule molecule = new SyntheticMolecule();
        SyntheticGap gap = new SyntheticGap();
        Draws draws = new Draws();
        Line line = new Line();
        line.put(HEAD);
        for (long i = 0; i < count; i++) {
            long idx = firstIdx + i;
            line.put(idx, 1);
            line.put((byte) ',');
            molecule.grow(start(draws, idx, GROWTH));
            molecule.write(line, start(draws, idx, STEREO));
            line.put((byte) ',');
            if (labelled(start(draws, idx, LABEL), idx)) {
                put(line, gap.of(molecule, start(draws, idx, GAP)));
            }
            line.put((byte) '\n');
            if (line.length() >= CHUNK - 256 || i == count - 1) {
                out.write(line.bytes(), 0, line.length());
                line.clear();
                done.accept(i + 1);
            }
        }
    }

    private Draws start(Draws draws, long idx, int purpose) {
        draws.start(seed, idx, purpose);
        return draws;
    }

    private boolean labelled(Draws draws, long idx) {
        return !(hideTest && idx >= FIRST_TEST_IDX) && draws.share() >= unlabelled;
    }

    private static void put(Line line, double gap) {
        long scaled = Math.round(gap * GAP_UNIT);
        line.put(scaled / GAP_UNIT, 1);
        line.put((byte) '.');
        line.put(scaled % GAP_UNIT, GAP_DIGITS);
    }
}
