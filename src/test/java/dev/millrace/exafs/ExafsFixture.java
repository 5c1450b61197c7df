package dev.millrace.exafs;

import dev.millrace.build.BuildProgress;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.TensorCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Databases of a tree, row by row, so that a test can leave some out or spoil them. */
final class ExafsFixture {
    private final Path tree;
    private ChiParameters parameters = ChiParameters.DEFAULT;
    private KGrid grid = KGrid.DEFAULT;
    private boolean withArrays = true;

    private ExafsFixture(Path tree) {
        this.tree = tree;
    }

    static ExafsFixture of(Path tree) {
        return new ExafsFixture(tree);
    }

    ExafsFixture parameters(ChiParameters wanted) {
        parameters = wanted;
        return this;
    }

    ExafsFixture grid(KGrid wanted) {
        grid = wanted;
        return this;
    }

    ExafsFixture withoutArrays() {
        withArrays = false;
        return this;
    }

    /** Writes a database of Millrace. */
    Path write(Path file) throws IOException {
        FeffTree found = FeffTree.scan(tree, FeffTree.Rules.DEFAULT, BuildProgress.NONE);
        try (Database database = Database.open(file, Access.BUILD)) {
            ExafsSchema.SCHEMA.create(database);
            database.write("fill", connection -> {
                insert(connection, "INSERT INTO k_grids VALUES (1, ?, ?)", grid.size(), blob(grid.toArray()));
                insert(
                        connection,
                        "INSERT INTO parameter_sets VALUES (1, ?, 1, 'float64')",
                        ParameterText.of(parameters));
                try {
                    new Filling(connection).fill(found);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            ExafsSchema.SCHEMA.finish(database);
            database.execute("ANALYZE");
        }
        return file;
    }

    private static void insert(Connection connection, String sql, @Nullable Object... values)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.executeUpdate();
        }
    }

    private static byte[] blob(double[] values, int... shape) {
        return TensorCodec.ofDoubles(values, Compression.NONE, shape.length == 0 ? new int[] {values.length} : shape)
                .toBytes();
    }

    private final class Filling {
        private final Connection connection;
        private final Map<PathType, Long> types = new HashMap<>();
        private final Map<KGrid, Long> grids = new HashMap<>();
        private final ChiCalculator calculator = new ChiCalculator(parameters, grid);
        private long pathId;

        Filling(Connection connection) {
            this.connection = connection;
            grids.put(grid, 1L);
        }

        void fill(FeffTree found) throws SQLException, IOException {
            long absorber = 0;
            for (FeffFolder folder : found.folders()) {
                absorber++;
                double[] sum = new double[grid.size()];
                double min = Double.POSITIVE_INFINITY;
                double max = 0;
                long count = 0;
                for (int i = 0; i < folder.size(); i++) {
                    FeffPath path;
                    try {
                        path = FeffFile.read(folder.file(i));
                    } catch (FeffFileException e) {
                        insert(
                                connection,
                                "INSERT INTO rejects (file, file_size, file_mtime, line, reason, detail) VALUES (?, 0, 0, ?, ?, ?)",
                                folder.name() + "/" + folder.fileName(i),
                                e.line(),
                                e.reason().name(),
                                e.getMessage());
                        continue;
                    }
                    if (count == 0) {
                        insert(
                                connection,
                                "INSERT INTO absorbers (absorber_id, frame, atom_id, folder, element, atomic_number) VALUES (?, ?, ?, ?, ?, ?)",
                                absorber,
                                folder.frame(),
                                folder.atomId(),
                                folder.name(),
                                Elements.symbol(path.absorber().atomicNumber()),
                                path.absorber().atomicNumber());
                    }
                    double[] chi = calculator.calculate(path).chi();
                    for (int k = 0; k < sum.length; k++) {
                        sum[k] += chi[k];
                    }
                    min = Math.min(min, path.halfLength());
                    max = Math.max(max, path.halfLength());
                    count++;
                    path(absorber, folder.pathNumber(i), path, chi);
                }
                if (count > 0) {
                    byte[] blob = blob(sum);
                    long crc = new RowDigest(ExafsSchema.SUMS).of(absorber, count, min, max, blob);
                    insert(
                            connection,
                            "INSERT INTO atom_sums VALUES (?, ?, ?, ?, ?, ?)",
                            absorber,
                            count,
                            min,
                            max,
                            blob,
                            crc);
                }
            }
        }

        private void path(long absorber, int number, FeffPath path, double[] chi) throws SQLException {
            pathId++;
            long type = type(path);
            long crc = new RowDigest(ExafsSchema.PATHS)
                    .of(pathId, absorber, (long) number, type, path.degeneracy(), path.halfLength(), 0L, 0L, 0L, null);
            insert(
                    connection,
                    "INSERT INTO scattering_paths VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, NULL, ?)",
                    pathId,
                    absorber,
                    number,
                    type,
                    path.degeneracy(),
                    path.halfLength(),
                    crc);
            byte[] blob = blob(chi);
            insert(
                    connection,
                    "INSERT INTO chi VALUES (?, 1, ?, ?)",
                    pathId,
                    blob,
                    new RowDigest(ExafsSchema.CHI).of(pathId, 1L, blob));
            if (withArrays) {
                arrays(path.arrays());
            }
        }

        private void arrays(FeffArrays arrays) throws SQLException {
            KGrid k = KGrid.of(arrays.k());
            Long id = grids.get(k);
            if (id == null) {
                id = grids.size() + 1L;
                grids.put(k, id);
                insert(connection, "INSERT INTO k_grids VALUES (?, ?, ?)", id, k.size(), blob(k.toArray()));
            }
            double[] all = new double[6 * k.size()];
            double[][] columns = {
                arrays.realPhase(),
                arrays.magnitude(),
                arrays.phase(),
                arrays.reduction(),
                arrays.meanFreePath(),
                arrays.realMomentum()
            };
            for (int column = 0; column < columns.length; column++) {
                System.arraycopy(columns[column], 0, all, column * k.size(), k.size());
            }
            byte[] blob = blob(all, 6, k.size());
            insert(
                    connection,
                    "INSERT INTO feff_arrays VALUES (?, ?, ?, ?)",
                    pathId,
                    id,
                    blob,
                    new RowDigest(ExafsSchema.ARRAYS).of(pathId, id, blob));
        }

        private long type(FeffPath path) throws SQLException {
            PathType type = PathType.of(path);
            Long id = types.get(type);
            if (id == null) {
                id = types.size() + 1L;
                types.put(type, id);
                String numbers = java.util.Arrays.toString(
                        path.atoms().stream().mapToInt(PathAtom::atomicNumber).toArray());
                insert(
                        connection,
                        "INSERT INTO path_types VALUES (?, ?, ?, ?, ?, ?, '[]')",
                        id,
                        type.name(),
                        type.elementName(),
                        type.legCount(),
                        type.sequence(),
                        numbers);
            }
            return id;
        }
    }
}
