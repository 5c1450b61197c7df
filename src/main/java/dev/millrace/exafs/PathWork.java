package dev.millrace.exafs;

import dev.millrace.build.Sha256;
import dev.millrace.build.Workers;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.DType;
import dev.millrace.tensor.TensorBlob;
import dev.millrace.tensor.TensorCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads path files and computes what is stored of them, on any thread. Immutable. */
final class PathWork implements Workers.Task<PathWork.Unit, PathWork.Made> {
    /** Files of one unit of work. */
    static final int FILES = 128;

    /**
     * Some files of a folder.
     *
     * @param from first of the files to read, in {@link FolderChanges#files}
     * @param to after the last
     */
    record Unit(FolderChanges changes, int from, int to) {
        boolean isFirst() {
            return from == 0;
        }

        boolean isLast() {
            return to == changes.files().length;
        }
    }

    /** The units of a folder, at least one. */
    static List<Unit> units(FolderChanges changes) {
        List<Unit> units = new ArrayList<>();
        int from = 0;
        do {
            int to = Math.min(from + FILES, changes.files().length);
            units.add(new Unit(changes, from, to));
            from = to;
        } while (from < changes.files().length);
        return units;
    }

    /** What became of a file. */
    sealed interface Outcome permits MadePath, Touched, Reject {
        /** Its place in the folder. */
        int file();
    }

    /**
     * A path to store.
     *
     * @param before what was known of its file; null for a new one
     * @param digest first 8 bytes of the file's SHA-256
     * @param chi as it is stored
     * @param stored χ as who reads the database gets it
     * @param positions of its atoms, as {@link PathLegs} stores them
     * @param arrays the columns of the file; null if they are not kept
     * @param isCovered whether the file reaches over all of the k grid
     * @param isConsistent whether the half length is that of its legs
     */
    record MadePath(
            int file,
            StoredTree.@Nullable StoredFile before,
            FeffPath path,
            long digest,
            byte[] chi,
            double[] stored,
            byte[] positions,
            byte @Nullable [] arrays,
            boolean isCovered,
            boolean isConsistent)
            implements Outcome {}

    /** Another size, time or name, but the content of before. */
    record Touched(int file, StoredTree.StoredFile before) implements Outcome {}

    /**
     * A file that cannot be used.
     *
     * @param before what was known of it when it could be; null if it never could
     * @param line at fault, 0 for none
     */
    record Reject(int file, StoredTree.@Nullable StoredFile before, int line, String reason, String detail)
            implements Outcome {}

    /**
     * What became of a unit.
     *
     * @param input what feff.inp says, in the first unit of a folder; null where there is none or it cannot be used
     * @param inputFault why it cannot be used
     */
    record Made(
            Unit unit,
            List<Outcome> files,
            @Nullable FeffInput input,
            @Nullable String inputFault) {}

    private final ExafsSettings settings;

    PathWork(ExafsSettings settings) {
        this.settings = settings;
    }

    @Override
    public Made run(Unit unit) {
        ChiCalculator calculator = new ChiCalculator(settings.parameters(), settings.grid());
        List<Outcome> made = new ArrayList<>(unit.to - unit.from);
        for (int i = unit.from; i < unit.to; i++) {
            made.add(file(
                    unit.changes.folder(), unit.changes.files()[i], unit.changes.before()[i], calculator));
        }
        FeffFolder folder = unit.changes.folder();
        if (!unit.isFirst() || folder.input() == null) {
            return new Made(unit, made, null, null);
        }
        try {
            return new Made(unit, made, FeffInput.read(folder.inputFile()), null);
        } catch (IOException e) {
            // It only adds the position of the absorber.
            return new Made(unit, made, null, String.valueOf(e.getMessage()));
        }
    }

    private Outcome file(
            FeffFolder folder, int place, StoredTree.@Nullable StoredFile before, ChiCalculator calculator) {
        Path file = folder.file(place);
        try {
            byte[] content = FeffFile.content(file);
            long digest = digest(content);
            if (before != null && before.digest() == digest) {
                return new Touched(place, before);
            }
            // Named as in the tree: the database may be read where the tree is not.
            FeffPath path = FeffFile.parse(Path.of(StoredTree.rejectName(folder, place)), content);
            double[] chi = calculator.calculate(path).chi();
            TensorBlob encoded = settings.encode(chi);
            return new MadePath(
                    place,
                    before,
                    path,
                    digest,
                    encoded.toBytes(),
                    settings.storage() == DType.FLOAT64 ? chi : encoded.toDoubles(),
                    PathLegs.encode(path.atoms()),
                    settings.keepsArrays() ? arrays(path.arrays(), settings.compression()) : null,
                    calculator.covers(path.arrays()),
                    PathGeometry.agrees(path));
        } catch (FeffFileException e) {
            return new Reject(
                    place,
                    before,
                    e.line(),
                    e.reason().name().toLowerCase(Locale.ROOT),
                    String.valueOf(e.getMessage()));
        } catch (ArithmeticException | IllegalArgumentException e) {
            return new Reject(
                    place,
                    before,
                    0,
                    "not_computable",
                    e.getMessage() + " (" + StoredTree.rejectName(folder, place) + ")");
        }
    }

    /** First 8 bytes of the SHA-256, big-endian. */
    static long digest(byte[] content) {
        return ByteBuffer.wrap(new Sha256().add(content).digest()).getLong();
    }

    private static byte[] arrays(FeffArrays arrays, Compression compression) {
        int rows = arrays.size();
        ByteBuffer raw = ByteBuffer.allocate(6 * rows * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (double[] column : List.of(
                arrays.realPhase(),
                arrays.magnitude(),
                arrays.phase(),
                arrays.reduction(),
                arrays.meanFreePath(),
                arrays.realMomentum())) {
            raw.asDoubleBuffer().put(column);
            raw.position(raw.position() + rows * Double.BYTES);
        }
        return TensorCodec.encode(DType.FLOAT64, raw.array(), compression, 6, rows)
                .toBytes();
    }
}
