package dev.millrace.cli;

import dev.millrace.batch.QuerySlot;
import dev.millrace.model.TableModelConfig;
import java.util.List;

/**
 * What a {@link TableSurvey} found out: a model that fits the rows, and the slots that fit the model. Immutable.
 *
 * @param config of the model
 * @param data slots of the inputs, with their categories
 * @param labels slots of the labels, with their classes
 * @param warnings what is allowed but is seldom meant
 */
record TableLayout(TableModelConfig config, List<QuerySlot> data, List<QuerySlot> labels, List<String> warnings) {}
