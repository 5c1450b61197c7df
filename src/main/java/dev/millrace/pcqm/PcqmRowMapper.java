package dev.millrace.pcqm;

import dev.millrace.batch.TensorRow;
import dev.millrace.graph.Graph;
import dev.millrace.graph.MalformedGraphException;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.tensor.DType;
import dev.millrace.tensor.TensorBlob;
import dev.millrace.tensor.TensorCodec;
import java.nio.file.Path;
import java.util.function.Function;

/** Makes a sample of the tensors of a row, and refuses rows that are no sample of this file. Thread-safe. */
final class PcqmRowMapper implements Function<TensorRow, PcqmRow> {
    private final int nodeWidth;
    private final int edgeWidth;
    private final int targetCount;
    private final boolean unlabelled;
    private final Path file;

    PcqmRowMapper(PcqmSettings settings, boolean unlabelled, Path file) {
        this.nodeWidth = settings.features().nodeWidth();
        this.edgeWidth = settings.features().edgeWidth();
        this.targetCount = settings.targets().size();
        this.unlabelled = unlabelled;
        this.file = file;
    }

    @Override
    public PcqmRow apply(TensorRow row) {
        TensorBlob bonds = row.tensors()[2];
        TensorBlob target = row.tensors()[3];
        try {
            TensorBlob edges = row.tensor(1);
            if (bonds == null && edges.rank() == 2) {
                int count = edges.dim(1);
                bonds = TensorCodec.ofUnsignedBytes(new byte[count * edgeWidth], count, edgeWidth);
            } else if (bonds == null) {
                throw unusable(row, "edge_index [2, E]", edges);
            }
            Graph graph = new Graph(row.tensor(0), edges, bonds);
            if (graph.nodeFeatures().dim(1) != nodeWidth || !isInteger(graph.nodeFeatures())) {
                throw unusable(row, "node_features of " + nodeWidth + " integer columns", graph.nodeFeatures());
            }
            if (bonds.dim(1) != edgeWidth || !isInteger(bonds)) {
                throw unusable(row, "edge_attr of " + edgeWidth + " integer columns", bonds);
            }
            if (target == null && !unlabelled) {
                throw unusable(row, "target float32 [" + targetCount + "] in a labelled row", "NULL");
            }
            if (target != null
                    && (target.rank() != 1 || target.dim(0) != targetCount || target.type() != DType.FLOAT32)) {
                throw unusable(row, "target float32 [" + targetCount + "]", target);
            }
            return new PcqmRow(row.id(), graph, target);
        } catch (MalformedGraphException e) {
            throw malformed(row.id(), e);
        }
    }

    private static boolean isInteger(TensorBlob features) {
        return !features.type().isFloating();
    }

    /** What a batch says when the edges of a graph turn out wrong. */
    CorruptDatabaseException malformed(long idx, MalformedGraphException fault) {
        return new CorruptDatabaseException(
                "Cannot use a row: " + fault.getMessage() + " (" + file + ", " + PcqmSchema.GRAPHS.name() + ", idx="
                        + idx + "). Build the file again.",
                file,
                fault);
    }

    private CorruptDatabaseException unusable(TensorRow row, String expected, Object found) {
        return new CorruptDatabaseException(
                "Cannot use a row: expected " + expected + ", found " + found + " (" + file + ", "
                        + PcqmSchema.GRAPHS.name() + ", idx=" + row.id() + "). Build the file again.",
                file,
                null);
    }
}
