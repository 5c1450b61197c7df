package dev.millrace.exafs;

import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The statement that gives the paths that criteria take, by frame, atom and number. Usually it walks through the absorbers in that
 * order, so nothing is sorted. Where the criteria name types of which there are few, it finds their paths by the index over type and
 * half length and sorts them, at most {@value #MOST_SORTED} rows without χ; then all other paths cost nothing. Immutable.
 *
 * @param sql its text
 * @param conditions whose arguments are bound, in this order
 */
record PathQuery(String sql, List<CriteriaSql> conditions) {
    /** About 12 MB. */
    static final int MOST_SORTED = 100_000;

    /** To find and sort a path costs as much as to walk past so many. */
    private static final int COST_OF_SORTING = 8;

    private static final String COLUMNS = """
            a.absorber_id, a.frame, a.atom_id, a.element, p.path_id, p.path_num, p.type_id, p.degeneracy, p.reff,
            p.row_crc AS path_crc, a.atomic_number, a.position_x, a.position_y, a.position_z, a.path_count, a.reject_count,
            a.row_crc AS absorber_crc""";

    private static final String WALKED = """
            SELECT %s%s
            FROM absorbers AS a
            CROSS JOIN scattering_paths AS p ON p.absorber_id = a.absorber_id%s
            WHERE %s
            ORDER BY a.frame, a.atom_id, p.path_num""";

    /* LIMIT keeps SQLite from merging the inner query into the outer one, which would sort χ too. */
    private static final String SORTED = """
            SELECT p.*%s
            FROM (
              SELECT %s
              FROM %s
              CROSS JOIN absorbers AS a ON a.absorber_id = p.absorber_id
              WHERE %s
              ORDER BY a.frame, a.atom_id, p.path_num
              LIMIT -1
            ) AS p%s""";

    /**
     * Chooses the way.
     *
     * @param stored what χ to join; null for none
     * @param whole absorbers to leave out, see {@link CriteriaSql#whole}; null for none
     */
    static PathQuery of(
            Database database,
            PathCriteria criteria,
            PathTypeTable types,
            @Nullable StoredChi stored,
            @Nullable CriteriaSql whole)
            throws IOException {
        CriteriaSql where = CriteriaSql.paths(criteria, types.columns());
        CriteriaSql ofTypes = CriteriaSql.types(criteria, types.columns());
        CriteriaSql rare = ofTypes != null && isRare(database, criteria, ofTypes) ? ofTypes : null;
        List<CriteriaSql> conditions = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        if (rare != null) {
            conditions.add(rare);
        }
        conditions.add(where);
        text.append(where.text());
        if (whole != null) {
            conditions.add(whole);
            text.append(" AND NOT EXISTS (SELECT 1 FROM atom_sums AS s WHERE s.absorber_id = a.absorber_id AND ")
                    .append(whole.text())
                    .append(')');
        }
        String columns = stored == null ? "" : stored.columns();
        String join = stored == null ? "" : stored.join();
        return new PathQuery(
                rare != null
                        ? SORTED.formatted(columns, COLUMNS, rare.text(), text, join)
                        : WALKED.formatted(COLUMNS, columns, join, text),
                List.copyOf(conditions));
    }

    private static boolean isRare(Database database, PathCriteria criteria, CriteriaSql types) throws IOException {
        CriteriaSql absorbers = CriteriaSql.absorbers(criteria, "a.frame", "a.atom_id");
        long[] counts = new long[2];
        SqlStream.run(
                database,
                "SELECT count(*) FROM (SELECT 1 FROM " + types.text() + " LIMIT " + (MOST_SORTED + 1) + ")",
                List.of(types),
                row -> counts[0] = row.next() ? row.getLong(1) : 0);
        if (counts[0] > MOST_SORTED) {
            return false;
        }
        SqlStream.run(
                database,
                "SELECT sum(a.path_count) FROM absorbers AS a WHERE " + absorbers.text(),
                List.of(absorbers),
                row -> counts[1] = row.next() ? row.getLong(1) : 0);
        return counts[0] * COST_OF_SORTING < counts[1];
    }
}
