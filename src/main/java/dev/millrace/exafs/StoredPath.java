package dev.millrace.exafs;

import java.sql.ResultSet;
import java.sql.SQLException;

/** A row of scattering_paths whose checksum has been found right. Immutable. */
record StoredPath(
        long pathId,
        long absorberId,
        long pathNumber,
        TypeDictionary.Entry type,
        double degeneracy,
        double halfLength) {
    /** Columns that {@link Parser#read} takes, in this order, of a table called {@code p}. */
    static final String COLUMNS = "p.path_id, p.absorber_id, p.path_num, p.type_id, p.degeneracy, p.reff, p.row_crc";

    static final int COLUMN_COUNT = 7;

    /** Reads them. One thread at a time. */
    static final class Parser {
        private final ExafsContents contents;
        private final PathDigest digest = new PathDigest();

        Parser(ExafsContents contents) {
            this.contents = contents;
        }

        /**
         * The path in the columns from {@code first} on.
         *
         * @throws dev.millrace.sqlite.CorruptDatabaseException if its checksum is not that of its columns
         */
        StoredPath read(ResultSet row, int first) throws SQLException {
            long id = row.getLong(first);
            long absorber = row.getLong(first + 1);
            long number = row.getLong(first + 2);
            long type = row.getLong(first + 3);
            double degeneracy = row.getDouble(first + 4);
            double halfLength = row.getDouble(first + 5);
            long found = digest.of(id, absorber, number, type, degeneracy, halfLength);
            TypeDictionary.Entry known = contents.types().get(type);
            if (found != row.getLong(first + 6)) {
                throw contents.damaged(DamagedRow.CHECKSUM, ExafsSchema.PATHS.name(), "path_id", id);
            }
            if (known == null) {
                throw contents.damaged("there is no path type " + type, ExafsSchema.PATHS.name(), "path_id", id);
            }
            return new StoredPath(id, absorber, number, known, degeneracy, halfLength);
        }
    }
}
