package dev.millrace.model;

import ai.djl.nn.Block;

/** A model that a {@code model.yaml} describes: {@link SavedModel} makes it again. */
public sealed interface TrainableModel extends Block permits EncoderModel, TokenModel, ChiModel, TableModel {}
