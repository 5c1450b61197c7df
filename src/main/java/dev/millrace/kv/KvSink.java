package dev.millrace.kv;

import dev.millrace.sqlite.RecordSink;
import dev.millrace.sqlite.RowDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes what was submitted, on the writer thread. Of several writes of a key in one transaction only the last is executed; the
 * rows of a transaction are written in order of their keys, so that neighbours change the same page.
 */
final class KvSink implements RecordSink<Submission> {
    private static final String INSERT = """
            INSERT OR IGNORE INTO entries (format, compression, raw_bytes, value, row_crc, namespace_id, key)
            VALUES (?, ?, ?, ?, ?, ?, ?)""";
    private static final String UPDATE = """
            UPDATE entries SET format = ?, compression = ?, raw_bytes = ?, value = ?, row_crc = ?
            WHERE namespace_id = ? AND key = ?""";

    private static final int SQLITE_CONSTRAINT = 19;

    /* By rows, so that neighbours change the same page; in one piece, because half of a sort is calling it. */
    private static final Comparator<Write> ROW_ORDER = (left, right) -> {
        int byNamespace = Integer.compare(left.key().namespaceId(), right.key().namespaceId());
        return byNamespace != 0
                ? byNamespace
                : left.key().key().compareTo(right.key().key());
    };

    private final RowEncoder encoder;
    private final Listener listener;
    private final PreparedStatement insert;
    private final PreparedStatement update;
    private final PreparedStatement delete;
    private final PreparedStatement clear;
    private final PreparedStatement drop;
    private final PreparedStatement addNamespace;
    private final PreparedStatement addCount;
    private final RowDigest namespaceDigest = new RowDigest(KvSchema.NAMESPACE_TABLE);
    private final List<Submission.Writes> waiting = new ArrayList<>();
    private final Set<Integer> known = new HashSet<>();
    /* Whether the last rows were there already: the likelier statement is tried first. */
    private boolean overwriting;

    /** @param encoder closed with the sink */
    KvSink(Connection connection, RowEncoder encoder, Listener listener) throws SQLException {
        this.encoder = encoder;
        this.listener = listener;
        insert = connection.prepareStatement(INSERT);
        update = connection.prepareStatement(UPDATE);
        delete = connection.prepareStatement("DELETE FROM entries WHERE namespace_id = ? AND key = ?");
        clear = connection.prepareStatement("DELETE FROM entries WHERE namespace_id = ?");
        drop = connection.prepareStatement("DELETE FROM namespaces WHERE id = ?");
        addNamespace = connection.prepareStatement(
                "INSERT OR IGNORE INTO namespaces (id, name, entry_count, row_crc) VALUES (?, ?, 0, ?)");
        addCount = connection.prepareStatement("UPDATE namespaces SET entry_count = entry_count + ? WHERE id = ?");
    }

    /** Who is told what became of submissions, on the writer thread and in their order. */
    interface Listener {
        /** They are in the file. */
        void committed(List<Submission> submissions);

        /** The file does not take it, whatever is tried. */
        void refused(Submission submission, Exception reason);
    }

    @Override
    public void write(Submission submission) throws SQLException {
        if (submission instanceof Submission.Writes writes) {
            waiting.add(writes);
        } else if (submission instanceof Submission.Clear cleared) {
            flush();
            clear(cleared);
        }
    }

    @Override
    public void flush() throws SQLException {
        Write[] ordered =
                waiting.stream().flatMap(writes -> writes.writes().stream()).toArray(Write[]::new);
        waiting.clear();
        // Stable: of the writes of a key, which lie together then, the last one counts.
        Arrays.parallelSort(ordered, ROW_ORDER);
        List<Write> puts = new ArrayList<>(ordered.length);
        List<Write> removals = new ArrayList<>();
        for (int i = 0; i < ordered.length; i++) {
            boolean last = i + 1 == ordered.length || ROW_ORDER.compare(ordered[i], ordered[i + 1]) != 0;
            if (last) {
                (ordered[i].value() == null ? removals : puts).add(ordered[i]);
            }
        }
        Map<Namespace, Long> more = new LinkedHashMap<>();
        put(puts, more);
        remove(removals, more);
        for (Map.Entry<Namespace, Long> change : more.entrySet()) {
            addCount(change.getKey(), change.getValue());
        }
    }

    private void put(List<Write> puts, Map<Namespace, Long> more) throws SQLException {
        addNamespaces(puts);
        List<Write> others = execute(overwriting ? update : insert, puts);
        boolean inserting = overwriting;
        List<Write> inserted = inserting ? others : without(puts, others);
        List<Write> left = execute(inserting ? insert : update, others);
        if (!left.isEmpty()) {
            // A fault of this entry: the others can be written without it.
            throw new SQLException(
                    "Expected to insert or update the row of "
                            + Keys.shown(left.get(0).key().key()) + ", found neither possible.",
                    null,
                    SQLITE_CONSTRAINT);
        }
        count(inserted, 1, more);
        if (!puts.isEmpty()) {
            overwriting = 2 * inserted.size() < puts.size();
        }
    }

    /** Executes a statement for each write; returns those for which it changed nothing. */
    private List<Write> execute(PreparedStatement statement, List<Write> puts) throws SQLException {
        if (puts.isEmpty()) {
            return List.of();
        }
        List<Write> unchanged = new ArrayList<>();
        for (RowEncoder.Portion portion : encoder.encode(puts)) {
            List<Write> writes = portion.writes();
            List<RowCoder.Row> rows = portion.rows();
            for (int i = 0; i < writes.size(); i++) {
                bind(statement, writes.get(i), rows.get(i));
                statement.addBatch();
            }
            addUnchanged(writes, statement.executeBatch(), unchanged);
        }
        return unchanged;
    }

    private static void bind(PreparedStatement statement, Write write, RowCoder.Row row) throws SQLException {
        statement.setLong(1, row.format());
        statement.setLong(2, row.compression());
        if (row.rawBytes() == null) {
            statement.setNull(3, Types.INTEGER);
        } else {
            statement.setLong(3, row.rawBytes());
        }
        statement.setBytes(4, row.value());
        statement.setLong(5, row.crc());
        statement.setInt(6, write.namespace().id());
        statement.setString(7, write.key().key());
    }

    private void remove(List<Write> removals, Map<Namespace, Long> more) throws SQLException {
        if (removals.isEmpty()) {
            return;
        }
        for (Write write : removals) {
            delete.setInt(1, write.namespace().id());
            delete.setString(2, write.key().key());
            delete.addBatch();
        }
        List<Write> absent = new ArrayList<>();
        addUnchanged(removals, delete.executeBatch(), absent);
        count(without(removals, absent), -1, more);
    }

    private static void addUnchanged(List<Write> writes, int[] changes, List<Write> unchanged) {
        for (int i = 0; i < changes.length; i++) {
            if (changes[i] == 0) {
                unchanged.add(writes.get(i));
            }
        }
    }

    /** The writes that are not among {@code others}, which are some of them in the same order. */
    private static List<Write> without(List<Write> writes, List<Write> others) {
        if (others.isEmpty()) {
            return writes;
        }
        Set<Write> left = new HashSet<>(others);
        return writes.stream().filter(write -> !left.contains(write)).toList();
    }

    private void clear(Submission.Clear cleared) throws SQLException {
        Namespace namespace = cleared.namespace();
        clear.setInt(1, namespace.id());
        long removed = clear.executeUpdate();
        if (cleared.drop()) {
            drop.setInt(1, namespace.id());
            drop.executeUpdate();
            known.remove(namespace.id());
        } else {
            addCount(namespace, -removed);
        }
    }

    private void addNamespaces(List<Write> writes) throws SQLException {
        Namespace last = null;
        for (Write write : writes) {
            if (!write.namespace().equals(last)) {
                last = write.namespace();
                addNamespace(last);
            }
        }
    }

    private void addNamespace(Namespace namespace) throws SQLException {
        if (known.add(namespace.id())) {
            addNamespace.setInt(1, namespace.id());
            addNamespace.setString(2, namespace.name());
            addNamespace.setLong(3, namespaceDigest.of(namespace.id(), namespace.name()));
            addNamespace.executeUpdate();
        }
    }

    /** Counts writes by namespace, {@code each} for every one; those of a namespace lie together. */
    private static void count(List<Write> writes, long each, Map<Namespace, Long> counts) {
        int first = 0;
        for (int i = 1; i <= writes.size(); i++) {
            Namespace namespace = writes.get(first).namespace();
            if (i == writes.size() || !writes.get(i).namespace().equals(namespace)) {
                counts.merge(namespace, each * (i - first), Long::sum);
                first = i;
            }
        }
    }

    private void addCount(Namespace namespace, long more) throws SQLException {
        if (more != 0) {
            addCount.setLong(1, more);
            addCount.setInt(2, namespace.id());
            addCount.executeUpdate();
        }
    }

    @Override
    public void committed(List<Submission> submissions) {
        listener.committed(submissions);
    }

    @Override
    public void refused(Submission submission, Exception reason) {
        listener.refused(submission, reason);
    }

    @Override
    public void close() throws SQLException {
        encoder.close();
        for (PreparedStatement statement : List.of(insert, update, delete, clear, drop, addNamespace, addCount)) {
            statement.close();
        }
    }
}
