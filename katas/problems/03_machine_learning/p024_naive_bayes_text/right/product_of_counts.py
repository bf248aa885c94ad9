"""A table of counts for the texts, and one matrix product, as scikit-learn does it."""

import re

import numpy as np


def tokenize(text):
    return re.findall(r"\w+", text.lower())


class NaiveBayes:
    def __init__(self, alpha=1.0):
        self.alpha = alpha

    def _table(self, texts):
        if isinstance(texts, str):
            raise ValueError("texts must be a list of strings")
        place = {word: j for j, word in enumerate(self.vocabulary_)}
        table = np.zeros((len(texts), len(place)), dtype=int)
        for i, text in enumerate(texts):
            for word in tokenize(text):
                if word in place:
                    table[i, place[word]] += 1
        return table

    def fit(self, texts, labels):
        if not self.alpha > 0 or len(labels) != len(texts):
            raise ValueError("alpha must be above 0, with as many labels as texts")
        self.vocabulary_ = sorted(set(tokenize(" ".join(texts))))
        member = np.array(labels)[:, None] == np.unique(labels)  # (n, k)
        self.classes_ = np.unique(labels).tolist()
        counts = member.T.astype(int) @ self._table(texts) + self.alpha
        self.likelihoods = np.log(counts) - np.log(counts.sum(axis=1))[:, None]
        self.priors = np.log(member.mean(axis=0))
        return self

    def log_prior(self, label):
        return self.priors[self.classes_.index(label)]

    def log_likelihood(self, word, label):
        return self.likelihoods[self.classes_.index(label), self.vocabulary_.index(word)]

    def _joint(self, texts):
        return self._table(texts) @ self.likelihoods.T + self.priors

    def log_scores(self, text):
        return dict(zip(self.classes_, self._joint([text])[0]))

    def predict_proba(self, texts):
        joint = self._joint(texts)
        return np.exp(joint - np.logaddexp.reduce(joint, axis=1, keepdims=True))

    def predict(self, texts):
        return [self.classes_[i] for i in self._joint(texts).argmax(axis=1)]
