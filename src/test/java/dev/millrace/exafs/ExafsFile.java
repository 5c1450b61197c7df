package dev.millrace.exafs;

import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseBuild;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.sqlite.Schema;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.TensorBlob;
import dev.millrace.tensor.TensorCodec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A small EXAFS database of made-up paths: uranium among oxygen, the neighbours' distances drawn by a seed, χ(k) of each path by a
 * formula like the EXAFS equation. Ids of paths are 7, 14, 21, …; {@code atoms} absorbers in each frame.
 */
public record ExafsFile(int frames, int atoms, KGrid grid, boolean floats, String splitBy, long seed) {
    static final int PATHS_PER_ATOM = 6;
    static final int LONGEST = 4;
    static final int PARAM_ID = 3;

    private static final int[][] TYPES = {{92, 8}, {92, 92}, {92, 8, 8}, {92, 8, 92, 8}};
    private static final String[] NAMES = {"U-O", "U-U", "U-O-O", "U-O-U-O"};
    private static final TensorBlob NO_CHI = TensorCodec.ofDoubles(new double[0], Compression.NONE, 0);

    /** What is written of a path. */
    record Made(long id, long absorber, int frame, int number, int type, double degeneracy, double[] positions) {
        double halfLength() {
            return row().geometry().halfLength();
        }

        /** Its geometry, without χ. */
        ExafsRow row() {
            return new ExafsRow(id, absorber, NAMES[type], TYPES[type], degeneracy, 0, positions, NO_CHI);
        }
    }

    public static ExafsFile of(int frames, int atoms) {
        return new ExafsFile(frames, atoms, KGrid.of(0, 10, 0.25), false, "frame", 1);
    }

    public ExafsFile byAtom() {
        return new ExafsFile(frames, atoms, grid, floats, "atom", seed);
    }

    public ExafsFile inFloats() {
        return new ExafsFile(frames, atoms, grid, true, splitBy, seed);
    }

    List<Made> paths() {
        List<Made> all = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(seed);
        for (int atom = 0; atom < frames * atoms; atom++) {
            double near = 2.2 + 0.4 * random.nextDouble();
            double far = 3.6 + 0.5 * random.nextDouble();
            for (int number = 1; number <= PATHS_PER_ATOM; number++) {
                int type = (number - 1) % TYPES.length;
                double stretch = number <= TYPES.length ? 1 : 1.2 + 0.1 * random.nextDouble();
                all.add(new Made(
                        7L * (all.size() + 1),
                        atom + 1L,
                        atom / atoms,
                        number,
                        type,
                        1 + random.nextInt(8),
                        positions(type, near * stretch, far * stretch, 2 * Math.PI * random.nextDouble())));
            }
        }
        return all;
    }

    private static double[] positions(int type, double near, double far, double turn) {
        double[] oxygen = {near * Math.cos(turn), near * Math.sin(turn), 0};
        double[] other = {-near * Math.sin(turn), near * Math.cos(turn), 0.1};
        double[] uranium = {0, far * Math.cos(turn), far * Math.sin(turn)};
        double[][] atoms = switch (type) {
            case 0 -> new double[][] {oxygen};
            case 1 -> new double[][] {uranium};
            case 2 -> new double[][] {oxygen, other};
            default -> new double[][] {oxygen, uranium, other};
        };
        double[] all = new double[3 * (atoms.length + 1)];
        for (int i = 0; i < atoms.length; i++) {
            System.arraycopy(atoms[i], 0, all, 3 * (i + 1), 3);
        }
        return all;
    }

    double[] chi(Made path) {
        double r = path.halfLength();
        double[] chi = new double[grid.size()];
        for (int i = 0; i < chi.length; i++) {
            double k = grid.get(i);
            double amplitude = (0.6 - 0.1 * path.type) * k / (k * k + 9) * Math.exp(-0.01 * k * k - 0.1 * r);
            double phase = 0.8 * path.type - 1.2 * Math.sqrt(k + 1);
            chi[i] = path.degeneracy * amplitude / (r * r) * Math.sin(2 * k * r + phase);
        }
        return chi;
    }

    /** χ of all paths of an absorber, in the order of their numbers. */
    double[] sum(long absorber) {
        double[] sum = new double[grid.size()];
        for (Made path : paths()) {
            if (path.absorber == absorber) {
                double[] chi = chi(path);
                Arrays.setAll(sum, i -> sum[i] + chi[i]);
            }
        }
        return sum;
    }

    /** Path ids by split: 80 % of frames or atoms in train, 10 % each in val and test. */
    Map<String, long[]> splits() {
        Map<String, List<Long>> lists = new TreeMap<>();
        List.of("train", "val", "test").forEach(name -> lists.put(name, new ArrayList<>()));
        boolean byFrame = splitBy.equals("frame");
        int units = byFrame ? frames : frames * atoms;
        for (Made path : paths()) {
            int unit = byFrame ? path.frame : (int) path.absorber - 1;
            String split = unit < units * 8 / 10 ? "train" : unit < units * 9 / 10 ? "val" : "test";
            lists.getOrDefault(split, List.of()).add(path.id);
        }
        Map<String, long[]> splits = new TreeMap<>();
        lists.forEach((name, ids) ->
                splits.put(name, ids.stream().mapToLong(Long::longValue).toArray()));
        return splits;
    }

    public Path write(Path file) {
        try (DatabaseBuild build = DatabaseBuild.begin(file, ExafsSchema.SCHEMA)) {
            Database database = build.database();
            try (BulkWriter writer = new BulkWriter(database, BulkWriter.DEFAULT_ROWS)) {
                writeSmallTables(writer);
                List<Made> paths = paths();
                for (Made path : paths) {
                    write(writer, path);
                }
                for (long absorber = 1; absorber <= (long) frames * atoms; absorber++) {
                    writeSum(writer, absorber, paths);
                }
            }
            Schema.putInfo(database, Map.of("split_by", splitBy));
            Manifest.write(database, List.of(ExafsSchema.PATHS, ExafsSchema.LEGS, ExafsSchema.CHI), splits());
            build.publish();
        }
        return file;
    }

    private void writeSmallTables(BulkWriter writer) {
        for (int type = 0; type < TYPES.length; type++) {
            insertChecked(
                    writer,
                    ExafsSchema.TYPES,
                    Map.of(),
                    type + 1,
                    NAMES[type],
                    NAMES[type],
                    TYPES[type].length,
                    "[\"" + NAMES[type].replace("-", "\", \"") + "\"]",
                    Arrays.toString(TYPES[type]),
                    "[]");
        }
        byte[] k = TensorCodec.ofDoubles(grid.toArray(), Compression.NONE, grid.size())
                .toBytes();
        insertChecked(writer, ExafsSchema.GRIDS, Map.of(), 1, grid.size(), k);
        insertChecked(writer, ExafsSchema.PARAMETERS, Map.of(), PARAM_ID, "{}", 1, floats ? "float32" : "float64");
    }

    private void write(BulkWriter writer, Made path) {
        if (path.number == 1) {
            String place = "frame_" + path.frame + "/atom_" + path.absorber;
            Object[] covered = {path.frame, path.absorber, "U", 92, 0.0, 0.0, 0.0, PATHS_PER_ATOM, 0};
            insertChecked(writer, ExafsSchema.ABSORBERS, Map.of("folder", place), path.absorber, covered);
        }
        Object[] covered = {path.absorber, path.number, path.type + 1, path.degeneracy, path.halfLength()};
        insertChecked(
                writer,
                ExafsSchema.PATHS,
                Map.of("file_size", 100, "file_mtime", 5000L, "file_digest", 77L),
                path.id,
                covered);
        List<PathAtom> atoms = new ArrayList<>();
        for (int i = 0; i < path.positions.length; i += 3) {
            atoms.add(new PathAtom(path.positions[i], path.positions[i + 1], path.positions[i + 2], 0, 0, ""));
        }
        insertChecked(writer, ExafsSchema.LEGS, Map.of(), path.id, (Object) PathLegs.encode(atoms));
        insertChecked(writer, ExafsSchema.CHI, Map.of(), path.id, PARAM_ID, blob(chi(path)));
    }

    private void writeSum(BulkWriter writer, long absorber, List<Made> paths) {
        double[] halfLengths = paths.stream()
                .filter(path -> path.absorber == absorber)
                .mapToDouble(Made::halfLength)
                .toArray();
        insertChecked(
                writer,
                ExafsSchema.SUMS,
                Map.of(),
                absorber,
                PATHS_PER_ATOM,
                Arrays.stream(halfLengths).min().orElseThrow(),
                Arrays.stream(halfLengths).max().orElseThrow(),
                blob(sum(absorber)));
    }

    /** @param others columns that the checksum does not cover */
    private static void insertChecked(
            BulkWriter writer, CheckedTable table, Map<String, Object> others, long key, @Nullable Object... covered) {
        List<String> columns = new ArrayList<>(List.of(table.key()));
        columns.addAll(table.columns());
        columns.add(CheckedTable.CRC_COLUMN);
        List<@Nullable Object> row = new ArrayList<>();
        row.add(key);
        row.addAll(Arrays.asList(covered));
        row.add(new RowDigest(table).of(key, covered));
        others.forEach((column, value) -> {
            columns.add(column);
            row.add(value);
        });
        writer.insert(
                "INSERT INTO " + table.name() + " (" + String.join(", ", columns) + ") VALUES ("
                        + "?, ".repeat(row.size() - 1) + "?)",
                row.toArray());
    }

    private byte[] blob(double[] chi) {
        if (!floats) {
            return TensorCodec.ofDoubles(chi, Compression.LZ4, chi.length).toBytes();
        }
        float[] narrow = new float[chi.length];
        for (int i = 0; i < chi.length; i++) {
            narrow[i] = (float) chi[i];
        }
        return TensorCodec.ofFloats(narrow, Compression.NONE, chi.length).toBytes();
    }
}
