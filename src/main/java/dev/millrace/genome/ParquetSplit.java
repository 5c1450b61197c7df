package dev.millrace.genome;

import blue.strategic.parquet.ParquetReader;
import dev.millrace.build.RejectedInputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.parquet.column.ColumnReadStore;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/** A Parquet file with the columns {@code contig_id} (string) and {@code length} (int32 or int64); others are passed over. */
final class ParquetSplit implements ContigLengths {
    /* What the library reads without Hadoop; of the others it finds out in the middle, by a method that is not there. */
    private static final Set<CompressionCodecName> CODECS = EnumSet.of(
            CompressionCodecName.UNCOMPRESSED,
            CompressionCodecName.SNAPPY,
            CompressionCodecName.ZSTD,
            CompressionCodecName.LZ4_RAW);

    private final Path file;

    ParquetSplit(Path file) {
        this.file = file;
    }

    @Override
    public String description() {
        return file.toString();
    }

    @Override
    public void forEach(Sink sink) throws IOException {
        try (ParquetFileReader reader = open()) {
            MessageType columns = columns(reader);
            requireCodecs(reader);
            reader.setRequestedSchema(columns);
            long row = 0;
            for (PageReadStore group = next(reader); group != null; group = next(reader)) {
                row = new Group(reader, group, columns, row).read(sink);
            }
        }
    }

    private ParquetFileReader open() throws IOException {
        try {
            return ParquetFileReader.open(ParquetReader.makeInputFile(file.toFile()));
        } catch (IOException | RuntimeException | LinkageError e) {
            throw damaged(e);
        }
    }

    private @org.jspecify.annotations.Nullable PageReadStore next(ParquetFileReader reader) throws IOException {
        try {
            return reader.readNextRowGroup();
        } catch (IOException | RuntimeException | LinkageError e) {
            throw damaged(e);
        }
    }

    private MessageType columns(ParquetFileReader reader) {
        MessageType schema = reader.getFooter().getFileMetaData().getSchema();
        List<String> missing = new ArrayList<>();
        for (String name : List.of(SplitFile.CONTIG_ID, SplitFile.LENGTH)) {
            if (!schema.containsField(name)) {
                missing.add(name);
            }
        }
        if (!missing.isEmpty()) {
            throw rejected(
                    "expected the columns contig_id and length, found "
                            + schema.getFields().stream().map(Type::getName).toList() + "; missing: "
                            + String.join(", ", missing) + ".",
                    null);
        }
        Type contigId = schema.getType(SplitFile.CONTIG_ID);
        Type length = schema.getType(SplitFile.LENGTH);
        require(contigId, "strings", isOf(contigId, PrimitiveTypeName.BINARY));
        require(
                length,
                "whole numbers (int32 or int64)",
                (isOf(length, PrimitiveTypeName.INT32) || isOf(length, PrimitiveTypeName.INT64))
                        && (length.getLogicalTypeAnnotation() == null
                                || length.getLogicalTypeAnnotation() instanceof IntLogicalTypeAnnotation));
        return new MessageType(schema.getName(), contigId, length);
    }

    private static boolean isOf(Type column, PrimitiveTypeName type) {
        return column.isPrimitive()
                && column.asPrimitiveType().getPrimitiveTypeName() == type
                && !column.isRepetition(Type.Repetition.REPEATED);
    }

    private void require(Type column, String expected, boolean holds) {
        if (!holds) {
            throw rejected(
                    "expected " + expected + " in column " + column.getName() + ", found '"
                            + column.toString().strip() + "'.",
                    null);
        }
    }

    private void requireCodecs(ParquetFileReader reader) {
        for (BlockMetaData group : reader.getFooter().getBlocks()) {
            for (ColumnChunkMetaData chunk : group.getColumns()) {
                String column = chunk.getPath().toDotString();
                boolean read = column.equals(SplitFile.CONTIG_ID) || column.equals(SplitFile.LENGTH);
                if (read && !CODECS.contains(chunk.getCodec())) {
                    throw rejected(
                            "expected compression zstd, snappy, lz4_raw or none, found " + chunk.getCodec()
                                    + " in column " + column + ". Write it anew with zstd, or as CSV.",
                            null);
                }
            }
        }
    }

    /** The rows of one group. */
    private final class Group {
        private final ColumnReader contigIds;
        private final ColumnReader lengths;
        private final int contigIdLevel;
        private final int lengthLevel;
        private final boolean wide;
        private final boolean unsigned;
        private final long rows;
        private long row;

        Group(ParquetFileReader reader, PageReadStore group, MessageType columns, long row) throws IOException {
            FileMetaData file = reader.getFooter().getFileMetaData();
            rows = group.getRowCount();
            this.row = row;
            PrimitiveType length = columns.getType(SplitFile.LENGTH).asPrimitiveType();
            wide = length.getPrimitiveTypeName() == PrimitiveTypeName.INT64;
            unsigned = length.getLogicalTypeAnnotation() instanceof IntLogicalTypeAnnotation whole && !whole.isSigned();
            contigIdLevel = columns.getMaxDefinitionLevel(SplitFile.CONTIG_ID);
            lengthLevel = columns.getMaxDefinitionLevel(SplitFile.LENGTH);
            try {
                ColumnReadStore store = new ColumnReadStoreImpl(group, new NoConverter(), columns, file.getCreatedBy());
                contigIds = store.getColumnReader(columns.getColumns().get(0));
                lengths = store.getColumnReader(columns.getColumns().get(1));
            } catch (RuntimeException | LinkageError e) {
                throw damaged(e);
            }
        }

        /** Hands over all rows and returns the number of the last one. */
        long read(Sink sink) throws IOException {
            for (long i = 0; i < rows; i++) {
                row++;
                String contigId;
                long length;
                try {
                    requireValue(contigIds, contigIdLevel, SplitFile.CONTIG_ID);
                    requireValue(lengths, lengthLevel, SplitFile.LENGTH);
                    contigId = contigIds.getBinary().toStringUsingUTF8();
                    length = wide ? lengths.getLong() : narrow(lengths.getInteger());
                    contigIds.consume();
                    lengths.consume();
                } catch (RejectedInputException e) {
                    throw e;
                } catch (RuntimeException | LinkageError e) {
                    throw damaged(e);
                }
                sink.add(contigId, length, row);
            }
            return row;
        }

        private long narrow(int length) {
            return unsigned ? Integer.toUnsignedLong(length) : length;
        }

        private void requireValue(ColumnReader column, int level, String name) {
            if (column.getCurrentDefinitionLevel() < level) {
                throw rejected("expected a " + name + " in every row, found none in row " + row + ".", null);
            }
        }
    }

    private RejectedInputException damaged(Throwable cause) {
        return rejected(
                "expected a complete Parquet file, found what cannot be read (" + cause + "). Write it anew.", cause);
    }

    private RejectedInputException rejected(String what, @org.jspecify.annotations.Nullable Throwable cause) {
        RejectedInputException rejected = new RejectedInputException("Cannot read " + file + ": " + what, 0, 0);
        if (cause != null) {
            rejected.initCause(cause);
        }
        return rejected;
    }

    /** Values are fetched, not pushed: the store of columns asks for a converter that is never called. */
    private static final class NoConverter extends GroupConverter {
        @Override
        public Converter getConverter(int field) {
            return new PrimitiveConverter() {};
        }

        @Override
        public void start() {
            // No record is assembled.
        }

        @Override
        public void end() {
            // No record is assembled.
        }
    }
}
