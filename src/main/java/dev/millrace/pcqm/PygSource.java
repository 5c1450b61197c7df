package dev.millrace.pcqm;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.Sha256;
import dev.millrace.graph.Graph;
import dev.millrace.molecule.FeatureSpec;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.SchemaMismatchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * PyTorch Geometric's own database of PCQM4Mv2, {@code processed/sqlite.db}: graphs that are featurised already. Its BLOBs are
 * bare little-endian int64, row-major: {@code COL_x} [N, 9], {@code COL_edge_index} [2, E], {@code COL_edge_attr} [E, 3]; so
 * lengths and codes are checked here, row by row. The id is the data set's idx.
 *
 * <p>The file is opened read-only, its schema is not trusted, and it is left as it is.
 */
record PygSource(Path file) implements PcqmInput {
    static final String TABLE = "PCQM4Mv2";

    private static final int CHUNK = 256;
    private static final long CHUNK_BYTES = 1 << 22;
    private static final int ATOM_WIDTH = PygCodes.ATOM_SIZES.length;
    private static final int BOND_WIDTH = PygCodes.BOND_SIZES.length;
    /** As the readers of SMILES and MOL blocks take. */
    private static final int MOST_ATOMS = dev.millrace.molecule.Molecule.MAX_ATOMS;

    private static final String COLUMNS = """
            SELECT count(*)
            FROM pragma_table_info('PCQM4Mv2')
            WHERE name IN ('COL_x', 'COL_edge_index', 'COL_edge_attr', 'COL_smiles', 'COL_y')
               OR (name = 'id' AND upper(type) = 'INTEGER' AND pk = 1)""";

    // Views and virtual tables have no pages of their own.
    private static final String IS_TABLE = """
            SELECT count(*)
            FROM sqlite_schema
            WHERE type = 'table' AND name = 'PCQM4Mv2' AND rootpage > 0""";

    // No molecule is beyond these lengths; a forged length costs no memory.
    private static final String ROWS = """
            SELECT
              id,
              CASE WHEN length(COL_x) <= 1000000 THEN COL_x END,
              CASE WHEN length(COL_edge_index) <= 1000000 THEN COL_edge_index END,
              CASE WHEN length(COL_edge_attr) <= 1000000 THEN COL_edge_attr END,
              CASE WHEN length(COL_smiles) <= 65536 THEN COL_smiles ELSE substr(COL_smiles, 1, 65537) END,
              COL_y
            FROM PCQM4Mv2
            ORDER BY id
            LIMIT -1 OFFSET ?""";

    @Override
    public String kind() {
        return "pyg";
    }

    @Override
    public List<String> furtherTargets() {
        return List.of();
    }

    @Override
    public List<String> featureSpecs() {
        return List.of(PygCodes.SPEC, FeatureSpec.OGB_9_3.id());
    }

    @Override
    public List<String> settings() {
        return List.of();
    }

    private Database database() {
        Database database = Database.open(file, Access.READ);
        try {
            boolean isTable = database.queryLong(IS_TABLE) == 1;
            if (!isTable || database.queryLong(COLUMNS) != 6) {
                throw new SchemaMismatchException(
                        SchemaMismatchException.Kind.FOREIGN,
                        "Not PyTorch Geometric's database of PCQM4Mv2: expected a table " + TABLE
                                + " (id INTEGER PRIMARY KEY, COL_x, COL_edge_index, COL_edge_attr, COL_smiles, COL_y),"
                                + " found " + (isTable ? "one with other columns" : "none") + " (" + file
                                + "). It is processed/sqlite.db of the data set's folder.",
                        file);
            }
            return database;
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    @Override
    public Scan scan(BuildProgress.Meter meter) throws IOException {
        // Before SQLite opens it: reading a file by other means would drop SQLite's locks on it.
        String hash = new Sha256().add(file).hex();
        try (Database database = database()) {
            long records = database.queryLong("SELECT count(*) FROM PCQM4Mv2");
            long maxIdx = Math.max(-1, database.queryLong("SELECT coalesce(max(id), -1) FROM PCQM4Mv2"));
            meter.advanceTo(records);
            return new Scan(records, maxIdx, -1, 0, hash);
        }
    }

    @Override
    public Records open(long skip, String featureSpec) throws IOException {
        Database database = database();
        try {
            return new Rows(database, skip, featureSpec.equals(FeatureSpec.OGB_9_3.id()));
        } catch (SQLException e) {
            database.close();
            throw DatabaseException.of("Cannot read table " + TABLE, file, e);
        }
    }

    private record Row(
            long id,
            byte @Nullable [] atoms,
            byte @Nullable [] edgeIndex,
            byte @Nullable [] bonds,
            @Nullable String smiles,
            @Nullable Object gap) {
        long bytes() {
            return length(atoms) + length(edgeIndex) + length(bonds);
        }

        private static long length(byte @Nullable [] blob) {
            return blob == null ? 0 : blob.length;
        }
    }

    /** Rows in the order of their ids. */
    private static final class Rows implements Records {
        private final Database database;
        private final PreparedStatement select;
        private final ResultSet rows;
        private final boolean ogb;
        private long read;

        Rows(Database database, long skip, boolean ogb) throws SQLException {
            this.database = database;
            this.ogb = ogb;
            this.read = skip;
            this.select = database.connection().prepareStatement(ROWS);
            select.setLong(1, skip);
            this.rows = select.executeQuery();
        }

        @Override
        public @Nullable Chunk next() {
            List<Row> chunk = new ArrayList<>(CHUNK);
            try {
                long bytes = 0;
                while (chunk.size() < CHUNK && bytes < CHUNK_BYTES && rows.next()) {
                    chunk.add(new Row(
                            rows.getLong(1),
                            rows.getBytes(2),
                            rows.getBytes(3),
                            rows.getBytes(4),
                            rows.getString(5),
                            rows.getObject(6)));
                    bytes += chunk.get(chunk.size() - 1).bytes();
                }
            } catch (SQLException e) {
                throw DatabaseException.of("Cannot read table " + TABLE, database.file(), e);
            }
            read += chunk.size();
            return chunk.isEmpty() ? null : new Raw(read - chunk.size(), chunk, ogb);
        }

        @Override
        public void close() {
            database.close();
        }
    }

    private record Raw(long first, List<Row> rows, boolean ogb) implements Chunk {
        @Override
        public int size() {
            return rows.size();
        }

        @Override
        public void read(Sink sink) {
            for (int i = 0; i < rows.size(); i++) {
                Row row = rows.get(i);
                long record = first + i;
                if (row.id < 0) {
                    sink.reject(new PcqmReject(
                            record,
                            null,
                            PcqmReject.Reason.BAD_IDX,
                            "expected a whole number from 0, found " + row.id));
                } else if (sink.wants(record, row.id)) {
                    try {
                        molecule(record, row, sink);
                    } catch (Refusal refusal) {
                        sink.reject(new PcqmReject(record, row.id, refusal.reason, refusal.detail));
                    }
                }
            }
        }

        private void molecule(long record, Row row, Sink sink) throws Refusal {
            byte[] atoms = codes("COL_x", row.atoms, PygCodes.ATOM_SIZES, false);
            byte[] bonds = codes("COL_edge_attr", row.bonds, PygCodes.BOND_SIZES, true);
            int atomCount = atoms.length / ATOM_WIDTH;
            int edges = bonds.length / BOND_WIDTH;
            if (atomCount < 1 || atomCount > MOST_ATOMS) {
                throw new Refusal(
                        PcqmReject.Reason.BAD_BLOB,
                        "COL_x: expected 1 to " + MOST_ATOMS + " atoms, found " + atomCount);
            }
            if (row.edgeIndex == null || row.edgeIndex.length != 2 * edges * Long.BYTES) {
                throw new Refusal(
                        PcqmReject.Reason.BAD_BLOB,
                        "COL_edge_index: expected " + 2 * edges * Long.BYTES + " bytes for the " + edges
                                + " edges of COL_edge_attr, found "
                                + (row.edgeIndex == null ? "NULL" : row.edgeIndex.length));
            }
            Graph graph = Graph.of(
                    atomCount,
                    ATOM_WIDTH,
                    atoms,
                    nodes(row.edgeIndex, 0, edges, atomCount),
                    nodes(row.edgeIndex, edges, 2 * edges, atomCount),
                    BOND_WIDTH,
                    bonds);
            sink.molecule(record, row.id, smiles(row.smiles), graph, edges, gap(row.gap), new float[0]);
        }

        private byte[] codes(String column, byte @Nullable [] blob, int[] sizes, boolean ofBonds) throws Refusal {
            int width = sizes.length * Long.BYTES;
            if (blob == null || blob.length % width != 0) {
                throw new Refusal(
                        PcqmReject.Reason.BAD_BLOB,
                        column + ": expected a multiple of " + width + " bytes, found "
                                + (blob == null ? "NULL" : blob.length));
            }
            ByteBuffer values = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN);
            byte[] codes = new byte[blob.length / Long.BYTES];
            for (int i = 0; i < codes.length; i++) {
                long code = values.getLong();
                int place = i % sizes.length;
                if (code < 0 || code >= sizes[place]) {
                    throw new Refusal(
                            PcqmReject.Reason.BAD_CODE,
                            column + ", column " + place + ": expected a code 0.." + (sizes[place] - 1) + ", found "
                                    + code);
                }
                int known = (int) code;
                codes[i] = (byte)
                        (!ogb ? known : ofBonds ? PygCodes.ogbBond(place, known) : PygCodes.ogbAtom(place, known));
            }
            return codes;
        }

        private static int[] nodes(byte[] blob, int from, int to, int atomCount) throws Refusal {
            ByteBuffer values = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN);
            int[] nodes = new int[to - from];
            for (int i = from; i < to; i++) {
                long node = values.getLong(i * Long.BYTES);
                if (node < 0 || node >= atomCount) {
                    throw new Refusal(
                            PcqmReject.Reason.BAD_EDGE,
                            "COL_edge_index: expected atoms 0.." + (atomCount - 1) + ", found " + node);
                }
                nodes[i - from] = (int) node;
            }
            return nodes;
        }

        /* Text that SQLite would not give back as it was written. */
        private static @Nullable String smiles(@Nullable String text) throws Refusal {
            if (text != null
                    && (text.length() > CsvRecords.LONGEST || text.chars().anyMatch(Character::isISOControl))) {
                throw new Refusal(
                        PcqmReject.Reason.BAD_SMILES,
                        "COL_smiles: expected at most " + CsvRecords.LONGEST + " printable characters, found '" + text
                                + "'");
            }
            return text;
        }

        private static double gap(@Nullable Object value) throws Refusal {
            if (value == null) {
                return Double.NaN;
            }
            if (value instanceof Number number && Math.abs(number.doubleValue()) <= Float.MAX_VALUE) {
                return number.doubleValue() + 0.0;
            }
            if (value instanceof Number number && Double.isInfinite(number.doubleValue())) {
                return Double.NaN;
            }
            throw new Refusal(
                    PcqmReject.Reason.BAD_TARGET,
                    "COL_y: expected a number that float32 holds, or NULL, found '" + value + "'");
        }
    }

    /** Why a row cannot be used. */
    private static final class Refusal extends Exception {
        private final PcqmReject.Reason reason;
        private final String detail;

        Refusal(PcqmReject.Reason reason, String detail) {
            super(detail, null, false, false);
            this.reason = reason;
            this.detail = detail;
        }
    }
}
