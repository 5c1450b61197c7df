package dev.millrace.genome;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** Parquet files of any schema and compression, written record by record. */
final class ParquetFile {
    static final String LONGS = "message split { required binary contig_id (STRING); required int64 length; }";

    private ParquetFile() {}

    /** Rows are values by column: String, Integer, Long, Double, or null for none. */
    static Path write(Path file, String schema, CompressionCodecName codec, List<Object[]> rows) throws IOException {
        try (ParquetWriter<Object[]> writer = new Builder(
                        new LocalOutputFile(file), MessageTypeParser.parseMessageType(schema))
                .withConf((ParquetConfiguration) new PlainParquetConfiguration())
                .withCompressionCodec(codec)
                .withRowGroupSize(1L << 16)
                .build()) {
            for (Object[] row : rows) {
                writer.write(row);
            }
        }
        return file;
    }

    private static final class Builder extends ParquetWriter.Builder<Object[], Builder> {
        private final MessageType schema;

        Builder(OutputFile file, MessageType schema) {
            super(file);
            this.schema = schema;
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        @SuppressWarnings("deprecation") // abstract in the library
        protected WriteSupport<Object[]> getWriteSupport(org.apache.hadoop.conf.Configuration settings) {
            return new Rows(schema);
        }

        @Override
        protected WriteSupport<Object[]> getWriteSupport(ParquetConfiguration settings) {
            return new Rows(schema);
        }
    }

    private static final class Rows extends WriteSupport<Object[]> {
        private final MessageType schema;
        private RecordConsumer consumer;

        Rows(MessageType schema) {
            this.schema = schema;
        }

        @Override
        @SuppressWarnings("deprecation") // abstract in the library
        public WriteContext init(org.apache.hadoop.conf.Configuration settings) {
            return new WriteContext(schema, java.util.Map.of());
        }

        @Override
        public WriteContext init(ParquetConfiguration settings) {
            return new WriteContext(schema, java.util.Map.of());
        }

        @Override
        public void prepareForWrite(RecordConsumer to) {
            consumer = to;
        }

        @Override
        public void write(Object[] row) {
            consumer.startMessage();
            for (int i = 0; i < row.length; i++) {
                if (row[i] != null) {
                    consumer.startField(schema.getFieldName(i), i);
                    add(row[i]);
                    consumer.endField(schema.getFieldName(i), i);
                }
            }
            consumer.endMessage();
        }

        private void add(Object value) {
            if (value instanceof String text) {
                consumer.addBinary(Binary.fromString(text));
            } else if (value instanceof Integer number) {
                consumer.addInteger(number);
            } else if (value instanceof Long number) {
                consumer.addLong(number);
            } else {
                consumer.addDouble((Double) value);
            }
        }
    }
}
