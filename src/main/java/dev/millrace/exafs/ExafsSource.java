package dev.millrace.exafs;

import dev.millrace.batch.RowReader;
import dev.millrace.batch.Split;
import dev.millrace.batch.SqliteSource;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.ReadPool;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.LongStream;

/** Opens the samples of a split: its paths, or the atoms whose paths are in it. */
final class ExafsSource {
    /*
     * One line per absorber. All its paths are in one split: any of them, the first, tells which. Plan: SCAN of absorbers, then
     * SEARCHes by (absorber_id, path_num) and by INTEGER PRIMARY KEY.
     */
    private static final String SELECT_ATOMS = """
            SELECT a.absorber_id,
                   (SELECT p.path_id FROM scattering_paths AS p WHERE p.absorber_id = a.absorber_id
                    ORDER BY p.path_num LIMIT 1),
                   EXISTS (SELECT 1 FROM scattering_paths AS p CROSS JOIN path_types AS t ON t.type_id = p.type_id
                           WHERE p.absorber_id = a.absorber_id AND t.nleg = 2),
                   (SELECT s.path_count FROM atom_sums AS s WHERE s.absorber_id = a.absorber_id)
            FROM absorbers AS a
            ORDER BY a.absorber_id""";

    private ExafsSource() {}

    /** How to open a file. */
    record Options(Path file, Split split, boolean mapped, int readers) {}

    /** Contents of a file, and the rows of one of its splits. */
    record Opened<R>(ExafsContents contents, SqliteSource<R> rows, SqliteSource<R> training) {}

    /** Which samples the paths of a split are. */
    private interface Samples {
        long[] of(Database database, ExafsContents contents, long[] pathIds);
    }

    static Opened<ExafsRow> paths(Options options) {
        return open(options, ExafsReader::new, (database, contents, ids) -> ids, "");
    }

    /** @param withShell whether atoms without a neighbour are left out */
    static Opened<ExafsAtomRow> atoms(Options options, boolean withShell) {
        return open(
                options,
                ExafsAtomReader::of,
                (database, contents, ids) -> atoms(database, contents, ids, withShell),
                withShell ? " atoms with shells" : " atoms");
    }

    private static <R> Opened<R> open(
            Options options,
            BiFunction<ReadPool.Lease, ExafsContents, RowReader<R>> reader,
            Samples samples,
            String kind) {
        ReadPool pool = new ReadPool(options.file, options.mapped ? Access.READ_MAPPED : Access.READ, options.readers);
        try (ReadPool.Lease lease = pool.lease()) {
            Database database = lease.database();
            ExafsContents contents = ExafsContents.read(database);
            return new Opened<>(
                    contents,
                    rows(pool, contents, reader, samples, kind, database, options.split),
                    rows(pool, contents, reader, samples, kind, database, Split.TRAIN));
        } catch (RuntimeException | Error e) {
            pool.close();
            throw e;
        }
    }

    private static <R> SqliteSource<R> rows(
            ReadPool pool,
            ExafsContents contents,
            BiFunction<ReadPool.Lease, ExafsContents, RowReader<R>> reader,
            Samples samples,
            String kind,
            Database database,
            Split split) {
        return new SqliteSource<>(
                pool,
                samples.of(database, contents, Manifest.ids(database, split.id())),
                Manifest.digest(database, split.id()) + " " + contents.digest() + kind,
                own -> reader.apply(own, contents));
    }

    /** Neither absorbers nor indexes have checksums, but counts must come out even: the split has the paths of its atoms. */
    private static long[] atoms(Database database, ExafsContents contents, long[] pathIds, boolean withShell) {
        LongStream.Builder atoms = LongStream.builder();
        LongStream.Builder bare = LongStream.builder();
        long paths = database.read("Cannot read absorbers", connection -> {
            long count = 0;
            try (PreparedStatement select = connection.prepareStatement(SELECT_ATOMS);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    long path = row.getLong(2);
                    if (!row.wasNull() && Arrays.binarySearch(pathIds, path) >= 0) {
                        count += row.getLong(4);
                        (row.getBoolean(3) || !withShell ? atoms : bare).add(row.getLong(1));
                    }
                }
            }
            return count;
        });
        if (paths != pathIds.length) {
            throw contents.damaged(
                    "expected the atoms of " + pathIds.length + " paths, found those of " + paths,
                    "absorbers",
                    "count",
                    0);
        }
        requireBare(
                contents,
                new ExafsAtomReader(database, contents, () -> {})
                        .read(bare.build().toArray()));
        return atoms.build().toArray();
    }

    private static void requireBare(ExafsContents contents, List<ExafsAtomRow> rows) {
        for (ExafsAtomRow row : rows) {
            if (!Double.isNaN(row.firstShellDistance())) {
                throw contents.damaged(
                        "an index has lost a path of two legs", "scattering_paths", "absorber_id", row.absorberId());
            }
        }
    }
}
