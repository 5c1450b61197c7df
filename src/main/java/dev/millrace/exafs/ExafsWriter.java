package dev.millrace.exafs;

import dev.millrace.exafs.PathWork.MadePath;
import dev.millrace.exafs.PathWork.Outcome;
import dev.millrace.exafs.PathWork.Reject;
import dev.millrace.exafs.PathWork.Touched;
import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseBuild;
import dev.millrace.sqlite.RowDigest;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes what became of the files of a tree, folder by folder, and keeps it every few seconds. Rows and progress are of the same
 * commit; what is in the file after any commit, {@link FolderChanges} finds to be done. One thread at a time.
 */
final class ExafsWriter implements AutoCloseable {
    private static final String UPSERT_PATH = """
            INSERT INTO scattering_paths
              (path_id, absorber_id, path_num, type_id, degeneracy, reff, file_size, file_mtime, file_digest, file_name, row_crc)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (path_id) DO UPDATE SET
              absorber_id = excluded.absorber_id, path_num = excluded.path_num, type_id = excluded.type_id,
              degeneracy = excluded.degeneracy, reff = excluded.reff, file_size = excluded.file_size,
              file_mtime = excluded.file_mtime, file_digest = excluded.file_digest, file_name = excluded.file_name,
              row_crc = excluded.row_crc""";

    private static final String UPSERT_ABSORBER = """
            INSERT INTO absorbers
              (absorber_id, frame, atom_id, folder, element, atomic_number, position_x, position_y, position_z,
               path_count, reject_count, input_size, input_mtime, row_crc)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (absorber_id) DO UPDATE SET
              folder = excluded.folder, element = excluded.element, atomic_number = excluded.atomic_number,
              position_x = excluded.position_x, position_y = excluded.position_y, position_z = excluded.position_z,
              path_count = excluded.path_count, reject_count = excluded.reject_count,
              input_size = excluded.input_size, input_mtime = excluded.input_mtime, row_crc = excluded.row_crc""";

    private static final String INSERT_REJECT = """
            INSERT OR REPLACE INTO rejects (file, frame, atom_id, file_size, file_mtime, line, reason, detail)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)""";

    private static final String REPLACE_LEGS =
            "INSERT OR REPLACE INTO path_legs (path_id, positions, row_crc) VALUES (?, ?, ?)";
    private static final String REPLACE_CHI =
            "INSERT OR REPLACE INTO chi (path_id, param_id, chi_values, row_crc) VALUES (?, ?, ?, ?)";
    private static final String REPLACE_ARRAYS =
            "INSERT OR REPLACE INTO feff_arrays (path_id, grid_id, arrays, row_crc) VALUES (?, ?, ?, ?)";
    static final String INSERT_SUM = """
            INSERT OR REPLACE INTO atom_sums (absorber_id, path_count, min_reff, max_reff, chi_values, row_crc)
            VALUES (?, ?, ?, ?, ?, ?)""";
    private static final String UPDATE_FILE =
            "UPDATE scattering_paths SET file_size = ?, file_mtime = ?, file_name = ? WHERE path_id = ?";
    private static final String COUNT_PATHS = "SELECT count(*) FROM scattering_paths WHERE absorber_id = ?";
    private static final String COUNT_REJECTS = "SELECT count(*) FROM rejects WHERE frame = ? AND atom_id = ?";
    private static final long SAVE_NANOS = 5_000_000_000L;

    private final DatabaseBuild build;
    private final ExafsSettings settings;
    private final Database database;
    private final Map<String, Object> progress;
    private final BulkWriter rows;
    private final StoredTree stored;
    private final PathTypes types;
    private final KGrids grids;
    private final long parameterId;
    private final RowDigest absorberDigest = new RowDigest(ExafsSchema.ABSORBERS);
    private final RowDigest pathDigest = new RowDigest(ExafsSchema.PATHS);
    private final RowDigest legsDigest = new RowDigest(ExafsSchema.LEGS);
    private final RowDigest chiDigest = new RowDigest(ExafsSchema.CHI);
    private final RowDigest arraysDigest = new RowDigest(ExafsSchema.ARRAYS);
    private final ExafsBuildCounts counts;
    private final long savePaths;
    private long nextPath;
    private long nextAbsorber;
    private long unsaved;
    private long savedAt = System.nanoTime();
    private @Nullable OpenAbsorber open;

    /**
     * Goes on with what is in the file.
     *
     * @param progress what to save with the rows: which build this is
     * @param lastPath the largest id that a path ever had
     * @param savePaths after so many paths at the latest
     */
    ExafsWriter(
            DatabaseBuild build,
            ExafsSettings settings,
            StoredTree stored,
            ExafsBuildCounts counts,
            Map<String, Object> progress,
            long lastPath,
            long savePaths) {
        this.build = build;
        this.settings = settings;
        this.database = build.database();
        this.stored = stored;
        this.counts = counts;
        this.progress = progress;
        this.savePaths = savePaths;
        this.rows = new BulkWriter(database, Integer.MAX_VALUE);
        this.types = new PathTypes(database);
        this.grids = new KGrids(database);
        this.nextPath = Math.max(lastPath, database.queryLong("SELECT max(path_id) FROM scattering_paths")) + 1;
        this.nextAbsorber = database.queryLong("SELECT max(absorber_id) FROM absorbers") + 1;
        this.parameterId = parameters();
    }

    private long parameters() {
        long id = database.queryLong("SELECT max(param_id) FROM parameter_sets");
        if (id == 0) {
            id = 1;
            long grid = grids.id(settings.grid(), rows);
            String text = ParameterText.of(settings.parameters());
            rows.insert(
                    "INSERT INTO parameter_sets (param_id, parameters, grid_id, storage, row_crc) VALUES (?, ?, ?, ?, ?)",
                    id,
                    text,
                    grid,
                    settings.storageName(),
                    new RowDigest(ExafsSchema.PARAMETERS).of(id, text, grid, settings.storageName()));
        }
        return id;
    }

    /** What became of a unit; those of a folder come one after another. */
    void write(PathWork.Made made) {
        FolderChanges changes = made.unit().changes();
        OpenAbsorber absorber = open;
        if (made.unit().isFirst()) {
            absorber = new OpenAbsorber(changes, made.input(), stored.rejects(changes.folder()));
            open = absorber;
            begin(absorber, made);
        }
        Objects.requireNonNull(absorber, "a unit before the first of its folder");
        for (Outcome outcome : made.files()) {
            if (absorber.rejects.containsKey(StoredTree.rejectName(changes.folder(), outcome.file()))) {
                forgetReject(StoredTree.rejectName(changes.folder(), outcome.file()));
            }
            if (outcome instanceof MadePath path) {
                write(absorber, path);
            } else if (outcome instanceof Touched touched) {
                FeffFolder.Stamp stamp = changes.folder().stamp(touched.file());
                rows.insert(
                        UPDATE_FILE,
                        stamp.size(),
                        stamp.modified(),
                        changes.folder().otherName(touched.file()),
                        touched.before().pathId());
                counts.unchanged++;
            } else if (outcome instanceof Reject reject) {
                write(absorber, reject);
            }
        }
        if (made.unit().isLast()) {
            end(absorber);
            open = null;
        }
        unsaved += made.files().size();
        if (unsaved >= savePaths || System.nanoTime() - savedAt >= SAVE_NANOS) {
            save();
        }
    }

    private void begin(OpenAbsorber absorber, PathWork.Made made) {
        if (absorber.isStored()) {
            rows.insert("DELETE FROM atom_sums WHERE absorber_id = ?", absorber.id);
        }
        absorber.changes.goneRejects().forEach(this::forgetReject);
        String fault = made.inputFault();
        if (fault != null) {
            counts.warn("feff.inp cannot be used", fault);
        }
        FeffInput input = made.input();
        int promised = input == null ? 0 : input.absorberAtomicNumber();
        if (promised > 0 && absorber.atomicNumber == 0) {
            absorber.atomicNumber = promised;
        }
        absorber.promised = promised;
    }

    private void write(OpenAbsorber absorber, MadePath made) {
        FeffPath path = made.path();
        FeffFolder folder = absorber.changes.folder();
        int atomicNumber = path.absorber().atomicNumber();
        if (absorber.promised > 0 && absorber.promised != atomicNumber) {
            counts.warn(
                    "feff.inp names another absorber than the path files, which are believed",
                    folder.path() + ": expected " + Elements.symbol(atomicNumber) + ", found "
                            + Elements.symbol(absorber.promised));
            absorber.promised = 0;
        }
        absorber.atomicNumber = atomicNumber;
        if (!made.isCovered()) {
            counts.warn(
                    "the k grid goes beyond the rows of files, where χ is extrapolated", folder.file(made.file()) + "");
        }
        if (!made.isConsistent()) {
            counts.warn("the half length is not that of the legs", folder.file(made.file()) + "");
        }
        store(absorber);
        StoredTree.StoredFile before = made.before();
        long id = before == null ? nextPath++ : before.pathId();
        int number = folder.pathNumber(made.file());
        long type = types.id(path, rows);
        FeffFolder.Stamp stamp = folder.stamp(made.file());
        rows.insert(
                UPSERT_PATH,
                id,
                absorber.id,
                number,
                type,
                path.degeneracy(),
                path.halfLength(),
                stamp.size(),
                stamp.modified(),
                made.digest(),
                folder.otherName(made.file()),
                pathDigest.of(id, absorber.id, number, type, path.degeneracy(), path.halfLength()));
        rows.insert(REPLACE_LEGS, id, made.positions(), legsDigest.of(id, made.positions()));
        rows.insert(REPLACE_CHI, id, parameterId, made.chi(), chiDigest.of(id, parameterId, made.chi()));
        byte[] arrays = made.arrays();
        if (arrays != null) {
            long grid = grids.id(KGrid.of(path.arrays().k()), rows);
            rows.insert(REPLACE_ARRAYS, id, grid, arrays, arraysDigest.of(id, grid, arrays));
        }
        absorber.sum.add(path.halfLength(), made.stored());
        if (before == null) {
            counts.added++;
        } else {
            counts.replaced++;
        }
    }

    private void write(OpenAbsorber absorber, Reject reject) {
        FeffFolder folder = absorber.changes.folder();
        FeffFolder.Stamp stamp = folder.stamp(reject.file());
        StoredTree.StoredFile before = reject.before();
        if (before != null) {
            rows.insert("DELETE FROM scattering_paths WHERE path_id = ?", before.pathId());
        }
        rows.insert(
                INSERT_REJECT,
                StoredTree.rejectName(folder, reject.file()),
                folder.frame(),
                folder.atomId(),
                stamp.size(),
                stamp.modified(),
                reject.line(),
                reject.reason(),
                reject.detail());
    }

    /** Removes paths, and what belongs to them. */
    void prune(long[] paths) {
        for (long path : paths) {
            rows.insert("DELETE FROM scattering_paths WHERE path_id = ?", path);
            counts.pruned++;
        }
    }

    /** Removes an absorber with its paths. */
    void prune(StoredTree.Absorber absorber) {
        counts.pruned += database.queryLong(COUNT_PATHS, absorber.id());
        rows.insert("DELETE FROM absorbers WHERE absorber_id = ?", absorber.id());
    }

    /** Forgets that a file was rejected. */
    void forgetReject(String file) {
        rows.insert("DELETE FROM rejects WHERE file = ?", file);
    }

    /** The row that paths refer to; complete only at the end. */
    private void store(OpenAbsorber absorber) {
        if (absorber.id == 0) {
            absorber.id = nextAbsorber++;
            upsert(absorber, 0, 0);
        }
    }

    private void end(OpenAbsorber absorber) {
        FeffFolder folder = absorber.changes.folder();
        long rejects = database.queryLong(COUNT_REJECTS, folder.frame(), folder.atomId());
        if (absorber.id == 0 && absorber.atomicNumber == 0) {
            counts.warn("no file of a folder can be used, so its absorber is not in the database", folder.path() + "");
            return;
        }
        store(absorber);
        long paths = database.queryLong(COUNT_PATHS, absorber.id);
        upsert(absorber, paths, rejects);
        if (absorber.sum.paths() == paths && paths > 0) {
            absorber.sum.insert(absorber.id, settings, rows);
        }
    }

    private void upsert(OpenAbsorber absorber, long paths, long rejects) {
        FeffFolder folder = absorber.changes.folder();
        String element = Elements.symbol(absorber.atomicNumber);
        double @Nullable [] position = absorber.position;
        Double x = position == null ? null : position[0];
        Double y = position == null ? null : position[1];
        Double z = position == null ? null : position[2];
        FeffFolder.Stamp input = folder.input();
        rows.insert(
                UPSERT_ABSORBER,
                absorber.id,
                folder.frame(),
                folder.atomId(),
                folder.name(),
                element,
                absorber.atomicNumber,
                x,
                y,
                z,
                paths,
                rejects,
                input == null ? null : input.size(),
                input == null ? null : input.modified(),
                absorberDigest.of(
                        absorber.id,
                        folder.frame(),
                        folder.atomId(),
                        element,
                        absorber.atomicNumber,
                        x,
                        y,
                        z,
                        paths,
                        rejects));
    }

    /** Keeps what was written so far. */
    void save() {
        build.save(rows, progress);
        unsaved = 0;
        savedAt = System.nanoTime();
    }

    /** The rows, for what is written when all paths are in. */
    BulkWriter rows() {
        return rows;
    }

    @Override
    public void close() {
        rows.close();
    }

    /** The absorber whose files are being written. */
    private static final class OpenAbsorber {
        private final FolderChanges changes;
        private final Map<String, FeffFolder.Stamp> rejects;
        private final AtomSum sum = new AtomSum();
        private final double @Nullable [] position;
        private long id;
        private int atomicNumber;
        private int promised;

        OpenAbsorber(FolderChanges changes, @Nullable FeffInput input, Map<String, FeffFolder.Stamp> rejects) {
            this.changes = changes;
            this.rejects = rejects;
            StoredTree.Absorber stored = changes.stored();
            if (stored != null) {
                id = stored.id();
                atomicNumber = stored.atomicNumber();
            }
            position = input == null
                    ? null
                    : new double[] {
                        input.absorber().x(),
                        input.absorber().y(),
                        input.absorber().z()
                    };
        }

        boolean isStored() {
            return changes.stored() != null;
        }
    }
}
