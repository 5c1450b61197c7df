package dev.millrace.exafs;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Criteria as a condition in SQL with its arguments: sets go in as JSON, so that the text does not grow with them, and no id of a
 * path ever does. Refers to a path as {@code p} (path_num, reff), to the sums of an absorber as {@code s}. One thread at a time.
 */
final class CriteriaSql {
    /**
     * How a source names what criteria ask of.
     *
     * @param type what types go by, see {@code types}
     * @param types which types a criterion takes; null if all
     * @param legCount where the types do not tell it, else null
     */
    record Columns(
            String frame,
            String atom,
            String element,
            String type,
            Function<PathCriterion, @Nullable Collection<?>> types,
            @Nullable String legCount,
            String degeneracy) {}

    private final Columns columns;
    private final StringBuilder text = new StringBuilder();
    private final List<Object> arguments = new ArrayList<>();

    private CriteriaSql(Columns columns) {
        this.columns = columns;
    }

    /** Which paths are taken. */
    static CriteriaSql paths(PathCriteria criteria, Columns columns) {
        CriteriaSql sql = new CriteriaSql(columns);
        sql.addFrameBounds(criteria);
        sql.anyOf(criteria, criterion -> {
            sql.addAbsorber(criterion);
            sql.addPath(criterion);
        });
        return sql;
    }

    /** What is not ruled out by its absorber, whose columns have these names and {@code a.element}. */
    static CriteriaSql absorbers(PathCriteria criteria, String frame, String atom) {
        CriteriaSql sql = new CriteriaSql(new Columns(frame, atom, "a.element", "", criterion -> null, null, ""));
        sql.addFrameBounds(criteria);
        sql.anyOf(criteria, sql::addAbsorber);
        return sql;
    }

    /** Which absorbers are taken with all their paths, as their sums {@code s} tell; null if none can be. */
    static @Nullable CriteriaSql whole(PathCriteria criteria, Columns columns) {
        List<PathCriterion> whole = criteria.anyOf().stream()
                .filter(PathCriterion::asksLengthAndTypeOnly)
                .filter(criterion -> columns.types().apply(criterion) == null)
                .toList();
        if (whole.isEmpty()) {
            return null;
        }
        CriteriaSql sql = new CriteriaSql(columns);
        sql.addFrameBounds(new PathCriteria(whole));
        sql.anyOf(new PathCriteria(whole), criterion -> {
            sql.addAbsorber(criterion);
            if (criterion.minReff() > Double.NEGATIVE_INFINITY) {
                sql.and("s.min_reff >= ?", criterion.minReff());
            }
            if (criterion.maxReff() < Double.POSITIVE_INFINITY) {
                sql.and("s.max_reff <= ?", criterion.maxReff());
            }
        });
        return sql;
    }

    /** Where to look for paths by the index over type and reff, as a table {@code p}; null if a criterion takes all types. */
    static @Nullable CriteriaSql types(PathCriteria criteria, Columns columns) {
        Set<Object> all = new TreeSet<>();
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (PathCriterion criterion : criteria.anyOf()) {
            Collection<?> taken = columns.types().apply(criterion);
            if (taken == null) {
                return null;
            }
            all.addAll(taken);
            min = Math.min(min, criterion.minReff());
            max = Math.max(max, criterion.maxReff());
        }
        CriteriaSql sql = new CriteriaSql(columns);
        sql.text.append("json_each(?) AS t CROSS JOIN scattering_paths AS p ON p.type_id = t.value");
        sql.arguments.add(json(all));
        sql.bounds("p.reff", min, max);
        return sql;
    }

    /** The condition. */
    String text() {
        return text.toString();
    }

    /** Binds the arguments from a place on; gives the place behind them. */
    int bind(PreparedStatement statement, int from) throws SQLException {
        int place = from;
        for (Object argument : arguments) {
            statement.setObject(place++, argument);
        }
        return place;
    }

    private void anyOf(PathCriteria criteria, java.util.function.Consumer<PathCriterion> add) {
        text.append(text.isEmpty() ? "(" : " AND (");
        if (criteria.anyOf().isEmpty()) {
            text.append('0');
        }
        boolean first = true;
        for (PathCriterion criterion : criteria.anyOf()) {
            text.append(first ? "(1" : " OR (1");
            add.accept(criterion);
            text.append(')');
            first = false;
        }
        text.append(')');
    }

    /** What lets the index over frames be entered in the right place, whatever is asked beside. */
    private void addFrameBounds(PathCriteria criteria) {
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        for (PathCriterion criterion : criteria.anyOf()) {
            NumberRanges frames = criterion.frames();
            if (frames == null) {
                return;
            }
            first = frames.isEmpty() ? first : Math.min(first, frames.first());
            last = frames.isEmpty() ? last : Math.max(last, frames.last());
        }
        text.append(columns.frame()).append(" BETWEEN ? AND ?");
        arguments.add(first);
        arguments.add(last);
    }

    private void addAbsorber(PathCriterion criterion) {
        ranges(columns.frame(), criterion.frames());
        ranges(columns.atom(), criterion.atoms());
        if (criterion.absorbers() != null) {
            members(columns.element(), criterion.absorbers());
        }
    }

    private void addPath(PathCriterion criterion) {
        ranges("p.path_num", criterion.numbers());
        Collection<?> taken = columns.types().apply(criterion);
        if (taken != null) {
            members(columns.type(), taken);
        }
        if (columns.legCount() != null) {
            ranges(columns.legCount(), criterion.legCounts());
        }
        bounds("p.reff", criterion.minReff(), criterion.maxReff());
        bounds(columns.degeneracy(), criterion.minDegeneracy(), criterion.maxDegeneracy());
    }

    private void ranges(String column, @Nullable NumberRanges wanted) {
        if (wanted == null) {
            return;
        }
        if (wanted.isEmpty()) {
            text.append(" AND 0");
        } else if (wanted.rangeCount() == 1) {
            and(column + " BETWEEN ? AND ?", wanted.first(), wanted.last());
        } else {
            and(
                    "EXISTS (SELECT 1 FROM json_each(?) AS r WHERE " + column
                            + " BETWEEN r.value ->> 0 AND r.value ->> 1)",
                    wanted.toJson());
        }
    }

    private void bounds(String column, double min, double max) {
        if (min > Double.NEGATIVE_INFINITY) {
            and(column + " >= ?", min);
        }
        if (max < Double.POSITIVE_INFINITY) {
            and(column + " <= ?", max);
        }
    }

    private void members(String column, Collection<?> wanted) {
        and(column + " IN (SELECT value FROM json_each(?))", json(wanted));
    }

    private static String json(Collection<?> members) {
        return members.stream()
                .map(member -> member instanceof Number ? member.toString() : PathTypes.quoted(member.toString()))
                .collect(Collectors.joining(",", "[", "]"));
    }

    private void and(String condition, Object... values) {
        text.append(" AND ").append(condition);
        arguments.addAll(List.of(values));
    }
}
