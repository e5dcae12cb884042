// Objects of GitHub's API as its description has them, for what emulate doesn't keep.
const SINCE = '2026-01-02T03:04:05Z';

export function shown(url, repository) {
  const base = `${url}/repos/${repository}`;
  const user = (login) => {
    const at = `${url}/users/${encodeURIComponent(login)}`;
    const links = [
      'followers',
      'following',
      'gists',
      'starred',
      'subscriptions',
      'organizations',
      'repos',
      'events',
      'received_events',
    ];
    return {
      login,
      id: 1000 + login.length,
      node_id: 'U_1',
      avatar_url: `${at}/avatar`,
      gravatar_id: '',
      url: at,
      html_url: at,
      ...Object.fromEntries(links.map((link) => [`${link}_url`, `${at}/${link}`])),
      type: login.endsWith('[bot]') ? 'Bot' : 'User',
      site_admin: false,
      user_view_type: 'public',
    };
  };
  const deployment = ({ id, sha, ref, environment, production }) => ({
    url: `${base}/deployments/${id}`,
    id,
    node_id: `DE_${id}`,
    sha,
    ref,
    task: 'deploy',
    payload: {},
    original_environment: environment,
    environment,
    description: null,
    creator: user('vercel[bot]'),
    created_at: SINCE,
    updated_at: SINCE,
    statuses_url: `${base}/deployments/${id}/statuses`,
    repository_url: base,
    transient_environment: !production,
    production_environment: production,
    performed_via_github_app: null,
  });
  const status = ({ id: of, environment }, { id, state, url: page }) => ({
    url: `${base}/deployments/${of}/statuses/${id}`,
    id,
    node_id: `DES_${id}`,
    state,
    creator: user('vercel[bot]'),
    description: '',
    environment,
    target_url: page,
    created_at: SINCE,
    updated_at: SINCE,
    deployment_url: `${base}/deployments/${of}`,
    repository_url: base,
    environment_url: page,
    log_url: '',
    performed_via_github_app: null,
  });
  const artifact = ({ id, name, zip, run }) => ({
    id,
    node_id: `A_${id}`,
    name,
    size_in_bytes: zip.length,
    url: `${base}/actions/artifacts/${id}`,
    archive_download_url: `${base}/actions/artifacts/${id}/zip`,
    expired: false,
    created_at: SINCE,
    updated_at: SINCE,
    expires_at: '2027-01-02T03:04:05Z',
    workflow_run: { id: run },
  });
  return { user, deployment, status, artifact };
}
